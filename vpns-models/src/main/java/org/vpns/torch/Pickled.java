package org.vpns.torch;

import com.google.common.collect.ImmutableList;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

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
    private final List<Object> items = new ArrayList<>();

    void add(Object item) {
      items.add(item);
    }

    List<Object> items() {
      return Collections.unmodifiableList(items);
    }
  }

  /** A dictionary, plain or ordered, in order of insertion; keys are strings or whole numbers. */
  static final class Dict {
    private final Map<Object, Object> items = new LinkedHashMap<>();
    private final boolean ordered;

    Dict(boolean ordered) {
      this.ordered = ordered;
    }

    void put(Object key, Object value) throws Refusal {
      if (!(key instanceof String || key instanceof Long)) {
        throw new Refusal("unusable key", "a string or a whole number", describe(key));
      }
      if (items.putIfAbsent(key, value) != null) {
        throw new Refusal("key twice in a dictionary", "unique keys", describe(key));
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

  /** Something of a checkpoint that the caller wants ignored. */
  record Ignored(Global global) {}

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
    return value instanceof Scripted ? "a module" : value.toString();
  }
}
