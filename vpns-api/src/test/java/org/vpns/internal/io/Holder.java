package org.vpns.internal.io;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.vpns.testing.JavaProcess;

/** A process of its own that has begun something and does not come to its end. */
final class Holder implements AutoCloseable {
  private final Process process;

  private Holder(Process process) {
    this.process = process;
  }

  /**
   * Starts one and waits until it has begun.
   *
   * @param what lock, file or folder
   */
  static Holder start(String what, Path path) throws IOException {
    Process process =
        JavaProcess.of(Holder.class, List.of(), what, path.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    if (!"begun".equals(out.readLine())) {
      throw new IllegalStateException("the process has not begun");
    }
    return new Holder(process);
  }

  /** Kills it: nothing in it runs any more. */
  @Override
  public void close() {
    process.destroyForcibly().onExit().join();
  }

  /** The process. */
  public static void main(String[] args) throws Exception {
    Path path = Path.of(args[1]);
    switch (args[0]) {
      case "lock" -> {
        try (FolderLock lock = FolderLock.take(path, "checkpoint")) {
          begun();
        }
      }
      case "file" ->
          AtomicFiles.write(
              path,
              out -> {
                out.write(new byte[200_000]);
                begun();
              });
      case "folder" ->
          AtomicFolder.of("a", "b", "c")
              .write(
                  path,
                  folder -> {
                    Files.writeString(folder.resolve("a"), "half");
                    AtomicFiles.write(folder.resolve("b"), out -> begun());
                  });
      default -> throw new IllegalArgumentException(args[0]);
    }
  }

  private static void begun() {
    System.out.println("begun");
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
