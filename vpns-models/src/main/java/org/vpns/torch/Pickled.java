package org.vpns.torch;

import com.google.common.collect.ImmutableList;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The values that a pickle may hold: {@link String}, {@link Long}, {@link BigInteger}, {@link
 * Double}, {@link Boolean}, the types below, {@link Storage} and {@link TensorView}.
 *
 * <p>The containers compare by identity and print nothing of their content, because a hostile file
 * makes them contain themselves.
 */
final class Pickled {
  private Pickled() {}

  /** Python's None. */
  enum None {
    NONE
  }

  /** A class or function of Python, by name alone. */
  record Global(String module, String name) {
    @Override
    public String toString() {
      return module + "." + name;
    }
  }

  /** A tuple. */
  static final class Tuple {
    static final Tuple EMPTY = new Tuple(List.of());

    private final ImmutableList<Object> items;

    Tuple(List<Object> items) {
      this.items = ImmutableList.copyOf(items);
    }

    ImmutableList<Object> items() {
      return items;
    }
  }

  /** A list, which may grow. */
  static final class PyList {
    /** A hostile file makes millions that stay empty. */
    private final List<Object> items = new ArrayList<>(0);

    void add(Object item) {
      items.add(item);
    }

    List<Object> items() {
      return Collections.unmodifiableList(items);
    }
  }

  /**
   * A dictionary, plain or ordered, in order of insertion; keys are strings or whole numbers. What
   * is kept under others, as optimisers keep what belongs to a parameter, is left out and noted.
   */
  static final class Dict {
    /** Made with the first entry: a hostile file makes millions that stay empty. */
    private Map<Object, Object> items = Map.of();

    private @Nullable Object unusable;
    private final boolean ordered;

    Dict(boolean ordered) {
      this.ordered = ordered;
    }

    void put(Object key, Object value) throws Refusal {
      if (!(key instanceof String || key instanceof Long)) {
        unusable = unusable == null ? key : unusable;
        return;
      }
      if (items.isEmpty()) {
        items = new LinkedHashMap<>(4);
      }
      if (items.putIfAbsent(key, value) != null) {
        throw new Refusal("key twice in a dictionary", "unique keys", describe(key));
      }
    }

    /** Refuses a dictionary of which something was left out. */
    void requireUsable() throws Refusal {
      if (unusable != null) {
        throw new Refusal(
            "unusable key",
            "a string or a whole number",
            describe(unusable),
            TorchObjects.WEIGHTS_ONLY);
      }
    }

    boolean ordered() {
      return ordered;
    }

    Map<Object, Object> items() {
      return Collections.unmodifiableMap(items);
    }
  }

  /** A module of a TorchScript archive: its attributes, once they are known. */
  static final class Scripted {
    private Dict state = new Dict(false);
    private boolean built;

    void build(Dict attributes) throws Refusal {
      if (built) {
        throw new Refusal("module built twice", "one state", "a second");
      }
      state = attributes;
      built = true;
    }

    Dict state() {
      return state;
    }
  }

  /** Something of a checkpoint that is read past. */
  record Ignored(Global global) {}

  /** A storage whose type the caller wants ignored; tensors in it are dropped. */
  record Left(Ignored type) {}

  /** A value in a message; of a container only the kind. */
  static String describe(Object value) {
    if (value instanceof String text) {
      return "'" + (text.length() > 60 ? text.substring(0, 60) + "..." : text) + "'";
    }
    if (value instanceof Number || value instanceof Boolean) {
      return value instanceof BigInteger ? "a number above 64 bits" : value.toString();
    }
    if (value instanceof None) {
      return "None";
    }
    if (value instanceof Tuple tuple) {
      return "a tuple of " + tuple.items().size();
    }
    if (value instanceof PyList list) {
      return "a list of " + list.items().size();
    }
    if (value instanceof Dict dict) {
      return "a dictionary of " + dict.items().size();
    }
    if (value instanceof TensorView) {
      return "a tensor";
    }
    if (value instanceof Storage) {
      return "a storage";
    }
    if (value instanceof Ignored ignored) {
      return ignored.global().toString();
    }
    if (value instanceof Left left) {
      return "a storage of " + left.type().global();
    }
    return value instanceof Scripted ? "a module" : value.toString();
  }
}
