package org.vpns.torch;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.vpns.internal.io.MemoryBound;
import org.vpns.torch.Pickled.Dict;
import org.vpns.torch.Pickled.PyList;
import org.vpns.torch.Pickled.Scripted;
import org.vpns.torch.Pickled.Tuple;

/**
 * Dictionaries, lists and modules as a tree with tensors for leaves. A dictionary's children bear
 * their keys, a list's their positions.
 */
final class Tree {
  static final int MAX_DEPTH = 32;

  /** Characters of a key in a message. */
  private static final int MAX_KEY = 60;

  /** Names may be longer than in the pickle, where a repeated part stands once. */
  private static final int MAX_UNFOLDING = 16;

  /** And very short pickles may well unfold to this many characters. */
  private static final int FREE_UNFOLDING = 4096;

  private Tree() {}

  /**
   * A place that may be meant.
   *
   * @param tensors how many it holds, at every depth
   */
  record Candidate(List<String> path, long tensors) {
    @Override
    public String toString() {
      return place(path) + " with " + tensors + (tensors == 1 ? " tensor" : " tensors");
    }

    /** The call that chooses a place. */
    static String place(List<String> path) {
      return path.stream().map(Candidate::quoted).collect(Collectors.joining(", ", "at(", ")"));
    }

    private static String quoted(String key) {
      return '"' + (key.length() > MAX_KEY ? key.substring(0, MAX_KEY) + "..." : key) + '"';
    }
  }

  /** Takes a container's children by name, in order. */
  interface Children<E extends Exception> {
    void accept(String name, Object child) throws E;
  }

  /** Shows the value's children; none if it is no container. Hostile ones are long: no copy. */
  static <E extends Exception> void forEachChild(Object value, Children<E> action) throws E {
    if (value instanceof Dict dict) {
      for (Map.Entry<Object, Object> entry : dict.items().entrySet()) {
        action.accept(entry.getKey().toString(), entry.getValue());
      }
    } else if (value instanceof Scripted module) {
      forEachChild(module.state(), action);
    } else {
      int position = 0;
      for (Object item : items(value)) {
        action.accept(Integer.toString(position++), item);
      }
    }
  }

  private static List<Object> items(Object value) {
    if (value instanceof PyList list) {
      return list.items();
    }
    return value instanceof Tuple tuple ? tuple.items() : List.of();
  }

  private static @Nullable Object child(Object value, String name) {
    Object[] found = {null};
    forEachChild(
        value,
        (key, child) -> {
          if (found[0] == null && key.equals(name)) {
            found[0] = child;
          }
        });
    return found[0];
  }

  /** Refuses a value if a container of it has left something out. */
  static void requireUsable(Object root) throws Refusal {
    Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    Deque<Object> next = new ArrayDeque<>(List.of(root));
    // containers of hostile files are deeper than any stack
    while (!next.isEmpty()) {
      Object value = next.pop();
      if (isContainer(value) && seen.add(value)) {
        if (value instanceof Dict dict) {
          dict.requireUsable();
        }
        forEachChild(value, (name, child) -> next.push(child));
      }
    }
  }

  static boolean isEmpty(Object value) {
    return value instanceof Dict dict
        ? dict.items().isEmpty()
        : !(value instanceof Scripted) && items(value).isEmpty();
  }

  static boolean isContainer(Object value) {
    return value instanceof Dict
        || value instanceof PyList
        || value instanceof Tuple
        || value instanceof Scripted;
  }

  /**
   * All tensors at or below a place by dotted name, in order; none if there is no such place.
   *
   * @param pickleBytes bytes that told all this, a measure for how much it may be
   */
  static Map<String, TensorView> flatten(Object root, List<String> path, long pickleBytes)
      throws Refusal {
    @Nullable Object value = root;
    for (String name : path) {
      value = value == null ? null : child(value, name);
    }
    if (value == null) {
      return Map.of();
    }
    Flattening flattening = new Flattening(FREE_UNFOLDING + MAX_UNFOLDING * pickleBytes);
    if (value instanceof TensorView view) {
      flattening.add(path.isEmpty() ? "tensor" : path.get(path.size() - 1), view);
    } else {
      flattening.descend("", value, 0);
    }
    return flattening.tensors;
  }

  private static final class Flattening {
    private final Map<String, TensorView> tensors = new LinkedHashMap<>();
    private final Set<Object> above = Collections.newSetFromMap(new IdentityHashMap<>());
    private final long budget;
    private long spent;

    Flattening(long budget) {
      this.budget = budget;
    }

    void descend(String prefix, Object container, int depth) throws Refusal {
      if (depth > MAX_DEPTH || !above.add(container)) {
        throw new Refusal(
            "containers too deep, or one inside itself",
            "at most " + MAX_DEPTH + " levels",
            Pickled.describe(prefix));
      }
      forEachChild(
          container,
          (key, child) -> {
            spend(1);
            if (child instanceof TensorView view) {
              add(prefix + key, view);
            } else if (isContainer(child)) {
              spend(prefix.length() + key.length());
              descend(prefix + key + ".", child, depth + 1);
            }
          });
      above.remove(container);
    }

    void add(String name, TensorView view) throws Refusal {
      spend(name.length());
      if (name.length() > MemoryBound.NAME) {
        throw new Refusal(
            "name too long", "at most " + MemoryBound.NAME + " characters", name.length());
      }
      if (tensors.putIfAbsent(name, view) != null) {
        throw new Refusal("two tensors of one name", "unique names", Pickled.describe(name));
      }
    }

    /** Containers that stand in several places multiply what lies in them. */
    private void spend(int characters) throws Refusal {
      spent += characters;
      if (spent > budget) {
        throw new Refusal(
            "containers unfold to too many names", "at most " + budget + " characters", "more");
      }
    }
  }
}
