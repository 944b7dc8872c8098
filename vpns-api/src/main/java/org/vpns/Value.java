package org.vpns;

import java.util.function.Consumer;

/**
 * A value with options: immutable, each option gives a changed copy. Options bear the bare name of
 * the thing and stand as one line each:
 *
 * <pre>{@code
 * public SnipScorer images(ScoringSet newImages) {
 *   return with(scorer -> scorer.images = newImages);
 * }
 * }</pre>
 *
 * <p>The fields hold immutable things and are written in {@link #with} alone.
 *
 * @param <V> the class itself
 */
public abstract class Value<V extends Value<V>> implements Cloneable {
  /** For subclasses. */
  protected Value() {}

  /** A copy with a change; this stays as it is. */
  @SuppressWarnings("unchecked") // a copy of a V is a V
  protected final V with(Consumer<V> change) {
    try {
      V copy = (V) clone();
      change.accept(copy);
      return copy;
    } catch (CloneNotSupportedException e) {
      throw new AssertionError(e);
    }
  }
}
