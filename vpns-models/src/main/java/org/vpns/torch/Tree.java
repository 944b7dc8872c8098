package org.vpns.torch;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.vpns.torch.Pickled.Dict;
import org.vpns.torch.Pickled.PyList;
import org.vpns.torch.Pickled.Scripted;
import org.vpns.torch.Pickled.Tuple;

/**
 * Dictionaries, lists and modules as a tree with tensors for leaves. A dictionary's children bear
 * their keys, a list's their positions.
 */
final class Tree {
  private static final int MAX_DEPTH = 32;

  /** Names may be longer than in the pickle, where a repeated part stands once. */
  private static final int MAX_UNFOLDING = 16;

  /** And very short pickles may well unfold to this many characters. */
  private static final int FREE_UNFOLDING = 4096;

  private Tree() {}

  /** A container that holds tensors itself, not only in further containers. */
  record Candidate(List<String> path, int tensors) {
    @Override
    public String toString() {
      return place(path) + " with " + tensors + (tensors == 1 ? " tensor" : " tensors");
    }

    /** The call that chooses a place. */
    static String place(List<String> path) {
      return "at(" + (path.isEmpty() ? "" : "\"" + String.join("\", \"", path) + "\"") + ")";
    }
  }

  /** The value's children by name; empty if it is no container. */
  static Map<String, Object> children(Object value) {
    Map<String, Object> children = new LinkedHashMap<>();
    if (value instanceof Dict dict) {
      dict.items().forEach((key, child) -> children.put(key.toString(), child));
    } else if (value instanceof Scripted module) {
      return children(module.state());
    } else if (value instanceof PyList || value instanceof Tuple) {
      List<Object> items = value instanceof PyList list ? list.items() : ((Tuple) value).items();
      for (Object item : items) {
        children.put(Integer.toString(children.size()), item);
      }
    }
    return children;
  }

  /**
   * The containers with tensors of their own that lie nearest to the top: those of the first two
   * levels (a checkpoint and what is in it), or else those of the first level that has any.
   */
  static List<Candidate> candidates(Object root) {
    List<Candidate> found = new ArrayList<>();
    Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    seen.add(root);
    Map<List<String>, Object> level = Map.of(List.of(), root);
    for (int depth = 0; depth < MAX_DEPTH && !level.isEmpty(); depth++) {
      Map<List<String>, Object> next = new LinkedHashMap<>();
      level.forEach(
          (path, value) -> {
            int tensors = 0;
            for (Map.Entry<String, Object> child : children(value).entrySet()) {
              if (child.getValue() instanceof TensorView) {
                tensors++;
              } else if (isContainer(child.getValue()) && seen.add(child.getValue())) {
                List<String> longer = new ArrayList<>(path);
                longer.add(child.getKey());
                next.put(longer, child.getValue());
              }
            }
            if (tensors > 0) {
              found.add(new Candidate(path, tensors));
            }
          });
      if (depth > 0 && !found.isEmpty()) {
        break;
      }
      level = next;
    }
    return found;
  }

  private static boolean isContainer(Object value) {
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
      value = value == null ? null : children(value).get(name);
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
      for (Map.Entry<String, Object> child : children(container).entrySet()) {
        String name = prefix + child.getKey();
        spend(1);
        if (child.getValue() instanceof TensorView view) {
          add(name, view);
        } else if (isContainer(child.getValue())) {
          spend(name.length());
          descend(name + ".", child.getValue(), depth + 1);
        }
      }
      above.remove(container);
    }

    void add(String name, TensorView view) throws Refusal {
      spend(name.length());
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
