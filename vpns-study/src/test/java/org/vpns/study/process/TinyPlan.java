package org.vpns.study.process;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.vpns.report.PruneReport;
import org.vpns.study.Study;
import org.vpns.study.StudyPlan;
import org.vpns.study.StudyRun;
import org.vpns.study.TinyStudies;

/**
 * A study of the tiny network that other processes can build. The first argument is a folder for
 * marks; the others are its methods: a learning rate; {@code fails}; {@code fails oddly}; {@code
 * dies}, whose process halts; {@code dies once}; {@code waits once}, for ever; {@code prints}, to
 * the process's own output; {@code overflows}, which ends in an error while another thread goes on,
 * {@code overflows once} without it; {@code lacks memory}; {@code throws oddly}, what only its
 * class explains. {@code nothing} ends the building, {@code nothing at all} by an error, {@code
 * forever} keeps it from ending.
 */
public final class TinyPlan implements StudyPlan<PruneReport> {
  private static final int EXIT_CODE = 7;

  /** For workers. */
  public TinyPlan() {}

  @Override
  public Study<PruneReport> study(List<String> arguments) throws IOException {
    Path marks = Path.of(arguments.get(0));
    List<Study.Arm<PruneReport>> arms = new ArrayList<>();
    for (String method : arguments.subList(1, arguments.size())) {
      if (method.equals("nothing")) {
        throw new IOException("no such images");
      }
      if (method.equals("nothing at all")) {
        throw new OutOfMemoryError("Java heap space");
      }
      if (method.equals("forever")) {
        waitForever(marks.resolve("building"));
      }
      arms.add(arm(method, marks));
    }
    return Study.of(arms).sparsities("0").seeds(1, 2).on(TinyStudies.task("tiny"));
  }

  private static Study.Arm<PruneReport> arm(String method, Path marks) {
    boolean trains = Character.isDigit(method.charAt(0));
    double rate = trains ? Double.parseDouble(method) : 0.01;
    return (sparsity, seed) ->
        StudyRun.of(
            TinyStudies.recipe(
                method,
                seed,
                TinyStudies.stage("first", 1, 0.01),
                TinyStudies.stage("last", 1, rate)),
            (recipe, network, images) -> {
              act(method, marks.resolve(method + seed));
              return recipe;
            });
  }

  private static void act(String method, Path mark) {
    boolean isFirst = !Files.exists(mark);
    if (method.equals("fails")) {
      throw new IllegalArgumentException("no such head");
    }
    if (method.equals("fails oddly")) {
      throw new IllegalArgumentException("größer");
    }
    if (method.equals("prints")) {
      print();
    }
    if (method.equals("lacks memory")) {
      throw new OutOfMemoryError("Java heap space");
    }
    if (method.equals("throws oddly")) {
      throw new ArrayIndexOutOfBoundsException("Index 5 out of bounds for length 3");
    }
    if (method.equals("overflows once") && isFirst) {
      mark(mark);
      throw new StackOverflowError();
    }
    if (method.equals("overflows")) {
      new Thread(() -> waitForever(mark)).start();
      throw new StackOverflowError();
    }
    if (method.equals("waits once") && isFirst) {
      waitForever(mark);
    }
    if (method.equals("dies") || (method.equals("dies once") && isFirst)) {
      mark(mark);
      Runtime.getRuntime().halt(EXIT_CODE);
    }
  }

  private static void mark(Path mark) {
    try {
      Files.writeString(mark, "");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Past what Java's streams do, as native code prints, and without an end of line. */
  private static void print() {
    FileOutputStream out = new FileOutputStream(FileDescriptor.out);
    try {
      out.write("no end of line".getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void waitForever(Path mark) {
    try {
      Files.writeString(mark, "");
      new CountDownLatch(1).await();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
