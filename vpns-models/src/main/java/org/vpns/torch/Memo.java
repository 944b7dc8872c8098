package org.vpns.torch;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a pickle remembers under a number. Writers count up from 0 or 1, so most of it is a list; an
 * entry of it costs no more than the instruction that made it.
 */
final class Memo {
  /** Numbers out of turn, each of which costs some 80 bytes. */
  static final int MAX_SCATTERED = 100_000;

  private final List<@Nullable Object> inTurn = new ArrayList<>();
  private final Map<Long, Object> scattered = new HashMap<>();
  private int filled;

  void put(long key, Object value) throws Refusal {
    if (key < inTurn.size()) {
      filled += inTurn.set((int) key, value) == null ? 1 : 0;
    } else if (key <= filled + 1L && inTurn.size() <= filled + 1) {
      while (inTurn.size() < key) {
        inTurn.add(null);
      }
      inTurn.add(value);
      filled++;
    } else if (scattered.put(key, value) == null && scattered.size() > MAX_SCATTERED) {
      throw new Refusal("too many numbers out of turn", "at most " + MAX_SCATTERED, "more");
    }
  }

  /** Under the number of things remembered so far. */
  void putNext(Object value) throws Refusal {
    put(filled + scattered.size(), value);
  }

  @Nullable Object get(long key) {
    Object value = key < inTurn.size() ? inTurn.get((int) key) : null;
    return value == null ? scattered.get(key) : value;
  }
}
