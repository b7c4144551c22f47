# SPDX-License-Identifier: Apache-2.0
# What: compiles a source and runs it: threads, collections, zip, regular expressions, a direct buffer
# Packages: default-jdk-headless
# Needs: command -v java && command -v javac
# Limit: 120
program() {
  cat >Work.java <<'J'
import java.util.*; import java.util.concurrent.*; import java.util.stream.*; import java.util.zip.*; import java.nio.*;
public class Work {
  static int depth(int n) { return n == 0 ? 0 : 1 + depth(n - 1); }
  public static void main(String[] a) throws Exception {
    ExecutorService pool = Executors.newFixedThreadPool(8);
    List<Future<Long>> all = new ArrayList<>();
    for (int t = 0; t < 64; t++) { final int s = t; all.add(pool.submit(() -> IntStream.range(0, 50000).mapToObj(i -> "s" + (i ^ s)).mapToLong(String::hashCode).sum())); }
    long sum = 0; for (Future<Long> f : all) sum += f.get(); pool.shutdown(); System.out.println(sum);
    CRC32 crc = new CRC32(); Deflater d = new Deflater(); byte[] in = new byte[1 << 20]; Arrays.fill(in, (byte) 7); d.setInput(in); d.finish();
    byte[] out = new byte[1 << 16]; int n = d.deflate(out); crc.update(out, 0, n); d.end(); System.out.println(crc.getValue());
    for (int i = 0; i < 200; i++) ByteBuffer.allocateDirect(1 << 16).putInt(i);
    System.out.println("a1b22c333".replaceAll("[0-9]+", "#") + depth(5000));
    try { Object o = "x"; Integer i = (Integer) o; } catch (ClassCastException e) { System.out.println("cast"); }
    try { ((String) null).length(); } catch (NullPointerException e) { System.out.println("null"); }
    Thread t = new Thread(() -> { throw new RuntimeException("quiet"); }); t.setUncaughtExceptionHandler((x, e) -> System.out.println(e.getMessage())); t.start(); t.join();
    System.gc(); System.exit(5);
  }
}
J
  javac Work.java && java -Xmx256m -XX:-UsePerfData Work
  echo "java: $?"
  java -Xint -Xmx64m -XX:-UsePerfData -cp . Work | tail -1
}
