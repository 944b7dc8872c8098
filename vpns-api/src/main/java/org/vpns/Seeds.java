package org.vpns;

import com.google.common.hash.Hashing;
import java.nio.charset.StandardCharsets;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;

/**
 * Random streams by name, all descending from one seed. A stream depends on (seed, name) alone, so
 * adding a consumer changes nobody else's numbers, and a resumed run asks for the same streams
 * again. The generator is L64X128MixRandom, seeded with the first 64 bits of SHA-256 over seed and
 * name.
 */
public final class Seeds {
  private static final RandomGeneratorFactory<RandomGenerator> FACTORY =
      RandomGeneratorFactory.of("L64X128MixRandom");

  private final long seed;

  /** Streams of the given seed. */
  public Seeds(long seed) {
    this.seed = seed;
  }

  /** The seed. */
  public long seed() {
    return seed;
  }

  /** 64 bits that depend on seed and name alone. */
  public long bits(String name) {
    Problem.given(name, "Seeds.bits", "name");
    return Hashing.sha256()
        .newHasher()
        .putLong(seed)
        .putString(name, StandardCharsets.UTF_8)
        .hash()
        .asLong();
  }

  /** A fresh generator at the start of the named stream. */
  public RandomGenerator stream(String name) {
    Problem.given(name, "Seeds.stream", "name");
    return FACTORY.create(bits(name));
  }

  /** A random order of 0 .. n-1 (Fisher-Yates) from the named stream. */
  public long[] permutation(String name, int n) {
    Problem.given(name, "Seeds.permutation", "name");
    RandomGenerator random = stream(name);
    long[] order = new long[n];
    for (int i = 0; i < n; i++) {
      int j = random.nextInt(i + 1);
      order[i] = order[j];
      order[j] = i;
    }
    return order;
  }
}
