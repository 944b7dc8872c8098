package org.vpns;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.google.common.base.CharMatcher;
import com.google.common.math.LongMath;
import java.util.Arrays;
import java.util.function.IntPredicate;
import java.util.function.LongBinaryOperator;

/**
 * Which entries of one weight tensor are kept: one bit an entry, 1 = kept, row-major. Immutable;
 * equal by shape and content.
 */
public final class Mask {
  private final Shape shape;
  private final int size;
  private final long[] words;

  private Mask(Shape shape, long[] words) {
    this.shape = shape;
    this.size = sizeOf(shape);
    this.words = words;
    clearTail(words, size);
  }

  /** Entries of a shape; known and countable by an int. */
  static int sizeOf(Shape shape) {
    long size = 1;
    for (long dimension : shape.getShape()) {
      if (dimension < 0) {
        size = -1;
        break;
      }
      size = LongMath.saturatedMultiply(size, dimension);
    }
    if (size < 0 || size > Integer.MAX_VALUE) {
      throw Problem.argument(
          "shape without a countable size",
          shape.toString(),
          "known dimensions, at most " + Integer.MAX_VALUE + " entries",
          size < 0 ? "an unknown dimension" : "more",
          "initialise the network before pruning it");
    }
    return (int) size;
  }

  /** A mask whose entry i is {@code kept.test(i)}, asked once for each in order. */
  public static Mask of(Shape shape, IntPredicate kept) {
    Problem.given(shape, "Mask.of", "shape");
    Problem.given(kept, "Mask.of", "kept");
    int size = sizeOf(shape);
    long[] words = new long[wordCount(size)];
    for (int i = 0; i < size; i++) {
      if (kept.test(i)) {
        words[i >>> 6] |= 1L << i;
      }
    }
    return new Mask(shape, words);
  }

  /**
   * A mask from packed words: entry i is bit i % 64 of word i / 64. The array is copied.
   *
   * @throws IllegalArgumentException if the number of words does not fit the shape
   */
  public static Mask ofWords(Shape shape, long[] words) {
    Problem.given(shape, "Mask.ofWords", "shape");
    Problem.given(words, "Mask.ofWords", "words");
    int expected = wordCount(sizeOf(shape));
    if (words.length != expected) {
      throw Problem.argument(
          "mask has a wrong number of words",
          "Mask.ofWords " + shape,
          expected,
          words.length,
          "pass one bit per entry, 64 to a word");
    }
    return new Mask(shape, words.clone());
  }

  /** A mask that keeps everything. */
  public static Mask ones(Shape shape) {
    Problem.given(shape, "Mask.ones", "shape");
    long[] words = new long[wordCount(sizeOf(shape))];
    Arrays.fill(words, -1L);
    return new Mask(shape, words);
  }

  /** A mask that keeps nothing. */
  public static Mask zeros(Shape shape) {
    Problem.given(shape, "Mask.zeros", "shape");
    return new Mask(shape, new long[wordCount(sizeOf(shape))]);
  }

  /**
   * A mask from a string of 0 and 1; other characters are not allowed.
   *
   * @throws IllegalArgumentException if the length differs from the shape's size or a character is
   *     neither 0 nor 1
   */
  public static Mask parse(Shape shape, String bits) {
    Problem.given(shape, "Mask.parse", "shape");
    Problem.given(bits, "Mask.parse", "bits");
    int size = sizeOf(shape);
    int odd = CharMatcher.anyOf("01").negate().indexIn(bits);
    if (bits.length() != size || odd >= 0) {
      throw Problem.argument(
          "mask text does not fit its shape",
          "Mask.parse " + shape,
          size + " characters 0 or 1",
          bits.length() + " characters" + (odd < 0 ? "" : ", '" + bits.charAt(odd) + "' at " + odd),
          "write one character per entry");
    }
    return of(shape, i -> bits.charAt(i) == '1');
  }

  static int wordCount(int size) {
    return (size + 63) >>> 6;
  }

  private static void clearTail(long[] words, int size) {
    if ((size & 63) != 0) {
      words[words.length - 1] &= (1L << size) - 1;
    }
  }

  /** Shape of the weight tensor. */
  public Shape shape() {
    return shape;
  }

  /** Number of entries. */
  public int size() {
    return size;
  }

  /** Whether entry {@code index} (row-major) is kept. */
  public boolean isKept(int index) {
    if (index < 0 || index >= size) {
      throw new IndexOutOfBoundsException(
          Problem.message(
              "no such mask entry",
              "Mask " + shape,
              "0 to " + (size - 1),
              index,
              "check the index"));
    }
    return (words[index >>> 6] >>> index & 1) != 0;
  }

  /** Sets the values of removed entries to +0, in place; row-major. */
  public void apply(float[] values) {
    Problem.given(values, "Mask.apply", "values");
    for (int i = 0; i < size; i++) {
      if ((words[i >>> 6] >>> i & 1) == 0) {
        values[i] = 0;
      }
    }
  }

  /** Number of entries kept. */
  public int kept() {
    int count = 0;
    for (long word : words) {
      count += Long.bitCount(word);
    }
    return count;
  }

  /** The packed bits: entry i is bit i % 64 of word i / 64; a copy. */
  public long[] words() {
    return words.clone();
  }

  /** Word {@code index} of the packed bits. */
  public long word(int index) {
    return words[index];
  }

  /** Entries kept by both. */
  public Mask and(Mask other) {
    Problem.given(other, "Mask.and", "other");
    return combine(other, (a, b) -> a & b);
  }

  /** Entries kept by either. */
  public Mask or(Mask other) {
    Problem.given(other, "Mask.or", "other");
    return combine(other, (a, b) -> a | b);
  }

  /** Entries kept by exactly one. */
  public Mask xor(Mask other) {
    Problem.given(other, "Mask.xor", "other");
    return combine(other, (a, b) -> a ^ b);
  }

  /** Entries kept by this one only. */
  public Mask andNot(Mask other) {
    Problem.given(other, "Mask.andNot", "other");
    return combine(other, (a, b) -> a & ~b);
  }

  /** Entries that this one removes. */
  public Mask not() {
    return combine(this, (a, b) -> ~a);
  }

  private Mask combine(Mask other, LongBinaryOperator operator) {
    if (!shape.equals(other.shape)) {
      throw Problem.argument(
          "mask shapes differ", "Mask", shape, other.shape, "combine masks of one parameter");
    }
    long[] result = new long[words.length];
    for (int i = 0; i < result.length; i++) {
      result[i] = operator.applyAsLong(words[i], other.words[i]);
    }
    return new Mask(shape, result);
  }

  /** The mask as a float array of zeros and ones; the caller closes it. */
  public NDArray toArray(NDManager manager) {
    Problem.given(manager, "Mask.toArray", "manager");
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = words[i >>> 6] >>> i & 1;
    }
    return manager.create(values, shape).toType(DataType.FLOAT32, false);
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof Mask other
        && shape.equals(other.shape)
        && Arrays.equals(words, other.words);
  }

  @Override
  public int hashCode() {
    return 31 * shape.hashCode() + Arrays.hashCode(words);
  }

  /** Shape and counts, such as {@code (64, 3, 3, 3): 173 of 1728 kept}. */
  @Override
  public String toString() {
    return shape + ": " + kept() + " of " + size + " kept";
  }
}
