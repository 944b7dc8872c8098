package org.vpns.graph.trace;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import com.google.common.primitives.Longs;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.vpns.NamedParameter;
import org.vpns.Problem;
import org.vpns.graph.GraphConstant;
import org.vpns.graph.GraphNode;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.op.Operator;
import org.vpns.graph.trace.Recording.Entry;
import org.vpns.graph.trace.Recording.Origin;
import org.vpns.graph.trace.Recording.Value;
import org.vpns.internal.graph.op.Filling;
import org.vpns.internal.graph.op.Recurrent;
import org.vpns.internal.graph.op.Shaping;

/** Makes one graph of two recordings of a block at two batch sizes. */
final class GraphAssembly {
  /** The other way for a network that does not take any number of images. */
  static final String OR_FIXED =
      ", or fix how many there are at a time: batch(n) of BlockTracer or of Onnx.open(file)";

  private final Recording here;
  private final Recording there;
  private final long batch;
  private final long otherBatch;
  private final List<Integer> outputs;
  private final ModelGraph.Builder builder = ModelGraph.builder();
  private final Map<Integer, Integer> tensorOf = new HashMap<>();
  private final Set<String> names = new HashSet<>();
  private final Map<String, Integer> counters = new HashMap<>();
  private final Map<String, String> places = new HashMap<>();
  private final Set<Integer> used;

  GraphAssembly(
      Recording here, long batch, Recording there, long otherBatch, List<Integer> outputs) {
    this.here = here;
    this.there = there;
    this.batch = batch;
    this.otherBatch = otherBatch;
    this.outputs = outputs;
    used = used(here, outputs);
  }

  /**
   * The graph.
   *
   * @param parameters the block's parameters in definition order
   */
  ModelGraph graph(Iterable<NamedParameter> parameters) {
    requireSameCalls();
    for (int i = 0; i < here.values().size(); i++) {
      Value value = here.values().get(i);
      if (value.origin() == Origin.INPUT) {
        tensorOf.put(i, builder.input(merged(i), value.type()));
      }
    }
    addParameters(parameters);
    addConstants();
    for (int i = 0; i < here.entries().size(); i++) {
      if (here.entries().get(i).outputs().stream().anyMatch(used::contains)) {
        addNode(here.entries().get(i), there.entries().get(i));
      }
    }
    return builder.build(outputs.stream().map(this::tensor).toList());
  }

  /** What the block calls the place of a node, or else the node's name. */
  String place(GraphNode node) {
    return places.getOrDefault(node.name(), "node " + node.name());
  }

  private int tensor(int value) {
    Integer tensor = value == Recording.ABSENT ? (Integer) ModelGraph.ABSENT : tensorOf.get(value);
    if (tensor == null) {
      throw new IllegalStateException("value " + value + " has no tensor");
    }
    return tensor;
  }

  private void requireSameCalls() {
    List<Entry> a = here.entries();
    List<Entry> b = there.entries();
    int alike = 0;
    while (alike < Math.min(a.size(), b.size()) && areAlike(a.get(alike), b.get(alike))) {
      alike++;
    }
    if (alike < a.size() || alike < b.size() || here.values().size() != there.values().size()) {
      String place = a.isEmpty() ? null : a.get(Math.min(alike, a.size() - 1)).place();
      throw Problem.argument(
          "other operators for another batch size",
          (place == null ? "" : place + ", ") + "batches of " + batch + " and " + otherBatch,
          "the same operators for both",
          a.size() + " and " + b.size() + " operators, or other ones",
          "do not let the block's code depend on the number of images" + OR_FIXED);
    }
  }

  /** Whether two entries are the same operator at the same place, attributes apart. */
  static boolean areAlike(Entry a, Entry b) {
    return a.operator().getClass() == b.operator().getClass()
        && a.inputs().equals(b.inputs())
        && a.outputs().equals(b.outputs());
  }

  /** Values of a recording that some of them need, these included. */
  static Set<Integer> used(Recording recording, List<Integer> needed) {
    Set<Integer> used = new HashSet<>(needed);
    for (int i = recording.entries().size() - 1; i >= 0; i--) {
      Entry entry = recording.entries().get(i);
      if (entry.outputs().stream().anyMatch(used::contains)) {
        used.addAll(entry.inputs());
      }
    }
    return used;
  }

  private Shape merged(int value) {
    return merged(here, there, value);
  }

  /** A value's shape at both batch sizes; -1 where they differ. */
  static Shape merged(Recording here, Recording there, int value) {
    long[] a = here.values().get(value).shape().getShape().clone();
    long[] b = there.values().get(value).shape().getShape();
    if (a.length != b.length) {
      throw Problem.argument(
          "other number of axes for another batch size",
          here.place(),
          Arrays.toString(a),
          Arrays.toString(b),
          "do not squeeze the batch axis");
    }
    for (int i = 0; i < a.length; i++) {
      a[i] = a[i] == b[i] ? a[i] : -1;
    }
    return new Shape(a);
  }

  private void addParameters(Iterable<NamedParameter> parameters) {
    Map<String, Integer> values = new HashMap<>();
    for (int i = 0; i < here.values().size(); i++) {
      String path = here.values().get(i).path();
      if (path != null) {
        values.put(path, i);
      }
    }
    Set<Integer> inRecurrent = new HashSet<>();
    here.entries().stream()
        .filter(entry -> entry.operator() instanceof Recurrent)
        .forEach(entry -> inRecurrent.addAll(entry.inputs()));
    for (NamedParameter p : parameters) {
      Integer value = values.get(p.path());
      // weights of recurrent layers are not what pruning understands by weights
      boolean other = value != null && inRecurrent.contains(value);
      int tensor =
          builder.parameter(
              p.path(),
              other ? Parameter.Type.OTHER : p.parameter().getType(),
              p.parameter().requiresGradient() && !p.isStatistic(), // freezeParameters takes all
              p.shape(),
              p.parameter().getArray().getDataType());
      if (value != null) {
        tensorOf.put(value, tensor);
      }
    }
  }

  private void addConstants() {
    int count = 0;
    for (int i = 0; i < here.values().size(); i++) {
      NDArray a = here.values().get(i).constant();
      NDArray b = there.values().get(i).constant();
      if (a != null && b != null && used.contains(i)) {
        count++;
        tensorOf.put(i, constant("constant" + count, i, a, b));
      }
    }
  }

  private int constant(String name, int value, NDArray a, NDArray b) {
    if (!ArrayHandler.isPlain(a.getDataType())) {
      throw Problem.argument(
          "constant of an unknown type", name, "numbers", a.getDataType(), "use float32");
    }
    GraphConstant first = GraphConstant.of(name, a);
    if (first.equals(GraphConstant.of(name, b))) {
      return builder.constant(first);
    }
    Integer filled = filled(a, b);
    if (filled != null) {
      return filled;
    }
    Integer repeated = repeated(name, a, b);
    if (repeated == null) {
      throw Problem.argument(
          "constant that depends on the batch size",
          reader(value) + name + " of shape " + a.getShape(),
          "the same values for every batch, or for every image",
          b.getShape() + " with other values at " + otherBatch + " images",
          "compute it from the images" + OR_FIXED);
    }
    return repeated;
  }

  /**
   * A constant of one value throughout, whose axes of images may be merged with others, as with
   * heads of attention; null if it is none.
   */
  private @Nullable Integer filled(NDArray a, NDArray b) {
    Double value = uniform(a);
    Shape shape = a.getShape();
    Shape other = b.getShape();
    if (value == null || !value.equals(uniform(b)) || shape.dimension() != other.dimension()) {
      return null;
    }
    List<Long> apart = new ArrayList<>();
    List<Long> merged = new ArrayList<>();
    for (int i = 0; i < shape.dimension(); i++) {
      long length = shape.get(i);
      boolean follows = length != other.get(i);
      long each = length / batch;
      boolean fits = !follows || each * batch == length && each * otherBatch == other.get(i);
      if (length == 0 || !fits) {
        return null;
      }
      apart.add(follows ? 0 : length);
      if (follows && each != 1) {
        apart.add(each);
      }
      merged.add(follows ? -1 : length);
    }
    boolean isMerged = apart.size() > merged.size();
    if (isMerged && merged.indexOf(-1L) != merged.lastIndexOf(-1L)) {
      return null;
    }
    Operator fill = new Filling.Fill(apart, value, a.getDataType());
    int made = builder.node(unique("fill"), fill, List.of()).get(0);
    return isMerged
        ? builder.node(unique("reshape"), new Shaping.Reshape(merged), List.of(made)).get(0)
        : made;
  }

  /** Where the block first reads a value, as it calls its places; nothing if it calls none. */
  private String reader(int value) {
    return here.entries().stream()
        .filter(entry -> entry.place() != null && entry.inputs().contains(value))
        .findFirst()
        .map(entry -> entry.place() + ", ")
        .orElse("");
  }

  /** A constant that has the same values for every image, along one axis; null if it has not. */
  private @Nullable Integer repeated(String name, NDArray a, NDArray b) {
    Shape shape = a.getShape();
    Shape other = b.getShape();
    if (other.dimension() != shape.dimension()) {
      return null;
    }
    int axis = 0;
    while (axis < shape.dimension() && shape.get(axis) == other.get(axis)) {
      axis++;
    }
    if (axis == shape.dimension() || shape.get(axis) != batch || other.get(axis) != otherBatch) {
      return null;
    }
    NDIndex first = new NDIndex().addAllDim(axis).addSliceDim(0, 1);
    try (NDArray one = a.get(first);
        NDArray here = one.broadcast(shape);
        NDArray there =
            shape.slice(axis + 1).equals(other.slice(axis + 1)) ? one.broadcast(other) : one) {
      if (!GraphConstant.of(name, here).equals(GraphConstant.of(name, a))
          || !GraphConstant.of(name, there).equals(GraphConstant.of(name, b))) {
        return null;
      }
      Operator stretched =
          new Shaping.Broadcast(Longs.asList(shape.getShape()))
              .generalise(
                  new Shaping.Broadcast(Longs.asList(other.getShape())),
                  new Operator.Sizes(batch, otherBatch, List.of(), List.of()));
      return stretched == null
          ? null
          : builder
              .node(
                  unique("repeat"),
                  stretched,
                  List.of(builder.constant(GraphConstant.of(name, one))))
              .get(0);
    }
  }

  /** The value that all elements have, or null. */
  private static @Nullable Double uniform(NDArray array) {
    try (NDArray wide = array.toType(DataType.FLOAT64, true)) {
      double[] values = wide.toDoubleArray();
      boolean same = Arrays.stream(values).allMatch(v -> v == values[0]);
      return same && values.length > 0 ? (Double) values[0] : null;
    }
  }

  private void addNode(Entry entry, Entry other) {
    String name = name(entry);
    if (entry.place() != null) {
      places.put(name, entry.place());
    }
    Operator operator = general(entry, other);
    if (operator == null) {
      throw Problem.argument(
          "operator depends on the batch size",
          places.getOrDefault(name, name),
          entry.operator() + " for every batch",
          other.operator() + " at " + otherBatch + " images",
          "let sizes that follow from the number of images be -1" + OR_FIXED);
    }
    List<Integer> read = entry.inputs().stream().map(this::tensor).toList();
    List<Shape> shapes = entry.outputs().stream().map(this::merged).toList();
    List<Integer> written = builder.node(name, operator, read, shapes);
    for (int i = 0; i < written.size(); i++) {
      tensorOf.put(entry.outputs().get(i), written.get(i));
    }
  }

  /** What does as two entries do at their batch sizes; null if nothing does. */
  @Nullable Operator general(Entry entry, Entry other) {
    return entry
        .operator()
        .generalise(
            other.operator(),
            new Operator.Sizes(batch, otherBatch, shapes(here, entry), shapes(there, other)));
  }

  private static List<@Nullable Shape> shapes(Recording recording, Entry entry) {
    List<@Nullable Shape> shapes = new ArrayList<>();
    for (int input : entry.inputs()) {
      shapes.add(input == Recording.ABSENT ? null : recording.values().get(input).shape());
    }
    return shapes;
  }

  /** The layer that the operator's first parameter belongs to; for others, kind and counter. */
  private String name(Entry entry) {
    for (int input : entry.inputs()) {
      String path = input == Recording.ABSENT ? null : here.values().get(input).path();
      if (path != null && path.contains(".")) {
        return distinct(path.substring(0, path.lastIndexOf('.')));
      }
    }
    return unique(entry.operator().kind());
  }

  private String unique(String kind) {
    return distinct(kind + counters.merge(kind, 1, Integer::sum));
  }

  private String distinct(String name) {
    String result = name;
    for (int i = 2; !names.add(result); i++) {
      result = name + "_" + i;
    }
    return result;
  }
}
