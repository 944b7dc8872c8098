package org.vpns.examples.mutation;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Many cases in a process of their own, whose heap is the caller's choice; a line for each reader,
 * and for each case that breaks the law.
 *
 * <p>{@code MutationRun <folder> <first> <tries>} or, for one reader's cases again, {@code
 * MutationRun <folder> <number> 1 <reader>}.
 */
final class MutationRun {
  private MutationRun() {}

  public static void main(String[] args) throws Exception {
    Path folder = Files.createDirectories(Path.of(args[0]));
    int first = Integer.parseInt(args[1]);
    int tries = Integer.parseInt(args[2]);
    int cases = 0;
    int broken = 0;
    try (Doors doors = new Doors(folder);
        MutationLaw law = new MutationLaw(folder)) {
      for (Door door : doors.list()) {
        if (args.length > 3 && !args[3].equals(door.name())) {
          continue;
        }
        int refusals = 0;
        int brokenHere = 0;
        long begin = System.nanoTime();
        long slowest = 0;
        int slowestCase = first;
        int end = first + door.tries(tries);
        for (int i = first; i < end; i++) {
          long beginOfCase = System.nanoTime();
          try {
            refusals += law.refuses(door, i) ? 1 : 0;
          } catch (AssertionError e) {
            brokenHere++;
            Throwable cause = e.getCause() == null ? e : e.getCause();
            StackTraceElement[] trace = cause.getStackTrace();
            System.out.printf(
                "BROKEN %.600s at %s%n", e.getMessage().strip(), trace.length > 0 ? trace[0] : "");
            if (args.length > 3) {
              e.printStackTrace(System.out);
            }
          }
          long time = System.nanoTime() - beginOfCase;
          slowestCase = time > slowest ? i : slowestCase;
          slowest = Math.max(slowest, time);
        }
        int here = end - first;
        System.out.printf(
            "%s | %d results | %d refusals | %d broken | %.1f s, the slowest %.2f s (%d)%n",
            door.name(),
            here - refusals - brokenHere,
            refusals,
            brokenHere,
            (System.nanoTime() - begin) / 1e9,
            slowest / 1e9,
            slowestCase);
        cases += here;
        broken += brokenHere;
      }
    }
    System.out.println("cases: " + cases + ", broken: " + broken);
    System.exit(broken == 0 ? 0 : 1);
  }
}
