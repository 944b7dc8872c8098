package org.vpns.internal.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.dataset.RandomAccessDataset;
import ai.djl.training.dataset.Record;
import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.vpns.MaskSet;

/** Identity of data and masks, for reports, checkpoints and warnings. */
public final class Fingerprints {
  /** Name under which a run's identity has the fingerprint of its test images. */
  public static final String TEST_DATA = "test data";

  /** The same of its training images, before any are split off. */
  public static final String TRAINING_DATA = "training data";

  /** The same of its validation images. */
  public static final String VALIDATION_DATA = "validation";

  private static final int SAMPLES = 32;

  private Fingerprints() {}

  /** Size of a data set and SHA-256 over {@value #SAMPLES} records spread over it. */
  public static String of(RandomAccessDataset dataset, NDManager manager) {
    long size = dataset.size();
    Hasher hasher = Hashing.sha256().newHasher().putLong(size);
    long step = Math.max(1, size / SAMPLES);
    for (long i = 0; i < size; i += step) {
      try (NDManager scope = manager.newSubManager()) {
        Record record = read(dataset, scope, i);
        put(hasher, record.getData());
        put(hasher, record.getLabels());
      } catch (IOException e) {
        throw new UncheckedIOException(e.getMessage(), e);
      }
    }
    return size + " images, " + hasher.hash().toString().substring(0, 16);
  }

  private static void put(Hasher hasher, NDList arrays) {
    for (NDArray array : arrays) {
      hasher.putString(array.getShape().toString(), StandardCharsets.UTF_8);
      hasher.putBytes(array.toByteArray());
    }
  }

  /** Equal for equal masks. */
  public static String digest(MaskSet masks) {
    Hasher hasher = Hashing.murmur3_128().newHasher();
    masks
        .asMap()
        .forEach(
            (path, mask) -> {
              hasher.putString(path, StandardCharsets.UTF_8);
              for (long word : mask.words()) {
                hasher.putLong(word);
              }
            });
    return hasher.hash().toString();
  }

  /** Equal for equal names in one order. */
  public static String digest(List<String> names) {
    Hasher hasher = Hashing.murmur3_128().newHasher();
    names.forEach(name -> hasher.putString(name, StandardCharsets.UTF_8).putChar('\n'));
    return hasher.hash().toString();
  }

  /** Equal for equal values; both zeros are alike. */
  public static String digest(float[] values) {
    Hasher hasher = Hashing.murmur3_128().newHasher();
    for (float value : values) {
      hasher.putInt(Float.floatToIntBits(value + 0f));
    }
    return hasher.hash().toString();
  }

  private static Record read(RandomAccessDataset dataset, NDManager manager, long index)
      throws IOException {
    try {
      return dataset.get(manager, index);
    } catch (IllegalStateException e) {
      throw Batches.closed(dataset, "images", e);
    }
  }
}
