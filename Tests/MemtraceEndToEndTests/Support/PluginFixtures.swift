// SPDX-License-Identifier: Apache-2.0
//
// The fixture plugins.c and the libraries it loads, built side by side.

/// `plugins` with plugin-0.so to plugin-2.so beside it; their functions are plugin_number_N.
enum PluginFixtures {
  /// The path of the program.
  static func path() throws -> String {
    for number in 0..<3 {
      _ = try Fixture(
        source: "plugin.c",
        flags: ["-fPIC", "-shared", "-DPLUGIN_FUNCTION=plugin_number_\(number)"],
        product: "plugin-\(number).so"
      ).path()
    }
    return try Fixture(source: "plugins.c", flags: ["-Wl,-rpath,$ORIGIN"]).path()
  }
}
