# SPDX-License-Identifier: Apache-2.0
# What: threads, fork, fibers, garbage collection under stress, marshalled data
# Packages: ruby
# Needs: command -v ruby
# Limit: 60
program() {
  cat >script.rb <<'R'
require "json"; require "digest"; require "set"; require "open3"; require "zlib"; require "socket"
puts (1..8).map { |n| Thread.new { (1..20000).map { |i| "#{i}#{n}" }.uniq.size } }.sum(&:value)
f = Fiber.new { 3.times { |i| Fiber.yield i }; :done }; puts 4.times.map { f.resume }.inspect
GC.stress = true; s = (1..60).map { |i| { i => "x" * i } }; GC.stress = false; puts s.size
puts Digest::SHA256.hexdigest(Marshal.dump((1..5000).to_a)); puts JSON.parse(JSON.generate(s)).size
puts (1..6).map { |n| fork { GC.start; exit!(n) } }.sum { |pid| Process.wait2(pid)[1].exitstatus }
out, status = Open3.capture2("tr a-z A-Z", stdin_data: "loud"); puts out, status.exitstatus
puts Zlib::Inflate.inflate(Zlib::Deflate.deflate("abc" * 10000)).size
def deep(n) = deep(n + 1)
begin; deep(0); rescue SystemStackError; puts "too deep"; end
trap("USR1") { puts "trapped" }; Process.kill("USR1", $$); sleep 0.01
ObjectSpace.each_object(String).count; GC.compact rescue nil; GC.start
exit 4
R
  ruby script.rb
}
