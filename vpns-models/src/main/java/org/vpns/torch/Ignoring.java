package org.vpns.torch;

import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.Set;
import org.vpns.torch.Pickled.Global;
import org.vpns.torch.Pickled.Ignored;

/**
 * Which classes and functions of a checkpoint are read past: harmless ones of Python and PyTorch
 * that trainers leave beside the weights, those that the caller names, or, to find out what a
 * caller had to name, every one. Nothing of them is run.
 */
final class Ignoring {
  private static final Set<String> PYTHON =
      Set.of(
          "bool",
          "bytearray",
          "bytes",
          "complex",
          "dict",
          "float",
          "frozenset",
          "int",
          "list",
          "long",
          "object",
          "range",
          "set",
          "slice",
          "str",
          "tuple",
          "unicode",
          "xrange");

  private static final Set<String> HARMLESS =
      Set.of(
          "_codecs.encode",
          "argparse.Namespace",
          "collections.Counter",
          "collections.deque",
          "datetime.date",
          "datetime.datetime",
          "datetime.timedelta",
          "numpy.dtype",
          "pathlib.Path",
          "pathlib.PosixPath",
          "pathlib.PurePosixPath",
          "pathlib.PureWindowsPath",
          "pathlib.WindowsPath",
          "torch.device",
          "torch.serialization._get_layout",
          "types.SimpleNamespace",
          "uuid.UUID");

  /** Types of elements, as values of their own. */
  private static final Set<String> TORCH_TYPES =
      Set.of(
          "bfloat16",
          "bool",
          "cdouble",
          "cfloat",
          "channels_last",
          "channels_last_3d",
          "complex128",
          "complex32",
          "complex64",
          "contiguous_format",
          "double",
          "float",
          "float16",
          "float32",
          "float64",
          "float8_e4m3fn",
          "float8_e4m3fnuz",
          "float8_e5m2",
          "float8_e5m2fnuz",
          "half",
          "int",
          "int16",
          "int32",
          "int64",
          "int8",
          "long",
          "preserve_format",
          "qint32",
          "qint8",
          "quint2x4",
          "quint4x2",
          "quint8",
          "short",
          "strided",
          "uint16",
          "uint32",
          "uint64",
          "uint8");

  private static final int MAX_NEEDED = 1000;

  private final Set<String> names;
  private final boolean all;
  private final Set<String> needed = new LinkedHashSet<>();
  private final Set<Global> modules = new HashSet<>();

  private Ignoring(Set<String> names, boolean all) {
    this.names = names;
    this.all = all;
  }

  /** Harmless ones and these; a name that ends in {@code .*} stands for all that begin so. */
  static Ignoring of(Set<String> names) {
    return new Ignoring(names, false);
  }

  /** Every one; those that {@link #of} would refuse are noted. */
  static Ignoring all(Set<String> names) {
    return new Ignoring(names, true);
  }

  /** What was met and is neither harmless nor named. */
  Set<String> needed() {
    return needed;
  }

  /** Notes the class of an object that is a network. */
  void noteModule(Global type) {
    modules.add(type);
  }

  /** Whether a value is a network that was read past, so that its weights are gone with it. */
  boolean isModule(Object value) {
    return value instanceof Ignored ignored && modules.contains(ignored.global());
  }

  /** Whether a network was read past. */
  boolean hasModules() {
    return !modules.isEmpty();
  }

  /** Whether the caller named it. */
  boolean named(Global global) {
    String everyOf = global.toString();
    if (names.contains(everyOf)) {
      return true;
    }
    while (!names.contains(everyOf + ".*")) {
      int dot = everyOf.lastIndexOf('.');
      if (dot < 0) {
        return false;
      }
      everyOf = everyOf.substring(0, dot);
    }
    return true;
  }

  /** Whether it is read past. */
  boolean covers(Global global) throws Refusal {
    if (named(global) || harmless(global)) {
      return true;
    }
    if (all && needed.size() == MAX_NEEDED) {
      throw new Refusal("too many classes", "at most " + MAX_NEEDED, "more");
    }
    if (all) {
      needed.add(global.toString());
    }
    return all;
  }

  private static boolean harmless(Global global) {
    return switch (global.module()) {
      case "builtins", "__builtin__" -> PYTHON.contains(global.name());
      case "torch" -> TORCH_TYPES.contains(global.name()) || HARMLESS.contains(global.toString());
      default -> HARMLESS.contains(global.toString());
    };
  }
}
