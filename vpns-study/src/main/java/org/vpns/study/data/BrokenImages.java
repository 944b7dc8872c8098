package org.vpns.study.data;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.internal.data.OrderedWork;
import org.vpns.io.FormatException;

/** Finds images that cannot be read by reading all. */
final class BrokenImages {
  private static final int AT_A_TIME = 64;

  private BrokenImages() {}

  static StoredImages check(StoredImages images, ExecutorService threads) throws IOException {
    Iterator<List<Long>> groups =
        IntStream.rangeClosed(0, (images.size() - 1) / AT_A_TIME)
            .mapToObj(
                group ->
                    LongStream.range(
                            (long) group * AT_A_TIME,
                            Math.min(images.size(), (group + 1L) * AT_A_TIME))
                        .boxed()
                        .toList())
            .iterator();
    OrderedWork<Verdict> work =
        new OrderedWork<>(threads, groups, 1, number -> verdict(images, (int) number));
    List<Integer> sound = new ArrayList<>();
    List<String> broken = new ArrayList<>();
    while (work.hasNext()) {
      for (Verdict verdict : work.next()) {
        if (verdict.damage == null) {
          sound.add(verdict.index);
        } else {
          broken.add(Problem.visible(verdict.damage));
        }
      }
    }
    if (sound.isEmpty()) {
      throw new FormatException(
          "no image can be read", images.name(), "some", broken.get(0), "check the folder");
    }
    return images.only(sound.stream().mapToInt(Integer::intValue).toArray(), broken);
  }

  /** What is wrong with an image, if anything. */
  private record Verdict(int index, @Nullable String damage) {}

  private static Verdict verdict(StoredImages images, int index) {
    try {
      images.read(index);
      return new Verdict(index, null);
    } catch (IOException e) {
      return new Verdict(index, images.where(index) + ": " + e.getMessage());
    }
  }
}
