// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import bench

@Suite struct MemoryWatchTests {
  private func status(_ name: String, resident: Int, anonymous: Int) -> String {
    "Name:\t\(name)\nVmHWM:\t  \(resident) kB\nVmRSS:\t  1 kB\nRssAnon:\t  \(anonymous) kB\n"
  }

  @Test func thePeakIsTheHighestValueSeen() {
    let watch = MemoryWatch(root: 1)
    for anonymous in [10, 300, 20] {
      watch.note(status("node", resident: 400, anonymous: anonymous), of: 1)
    }
    #expect(watch.largest == PeakMemory(residentBytes: 400 * 1024, anonymousBytes: 300 * 1024))
  }

  @Test func theProgramIsTheLargestProcessThatIsNotTheTracers() {
    let watch = MemoryWatch(root: 1)
    watch.note(status("heaptrack", resident: 2, anonymous: 1), of: 1)
    watch.note(status("heaptrack_inter", resident: 9000, anonymous: 8000), of: 2)
    watch.note(status("gcc", resident: 50, anonymous: 5), of: 3)
    watch.note(status("cc1", resident: 700, anonymous: 600), of: 4)
    #expect(watch.largest == PeakMemory(residentBytes: 700 * 1024, anonymousBytes: 600 * 1024))
  }

  @Test func processesWithoutMemoryCountAsNothing() {
    let watch = MemoryWatch(root: 1)
    watch.note("Name:\tsh\nState:\tZ (zombie)\n", of: 1)
    #expect(watch.largest == PeakMemory())
  }
}
