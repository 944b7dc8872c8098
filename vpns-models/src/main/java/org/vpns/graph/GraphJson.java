package org.vpns.graph;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.TypeAdapter;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonWriter;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.vpns.graph.op.Operator;
import org.vpns.internal.graph.op.Operators;
import org.vpns.internal.io.JsonBound;
import org.vpns.internal.io.JsonNumbers;
import org.vpns.internal.io.MemoryBound;
import org.vpns.io.FormatException;

/** Graphs as JSON text, and back; see {@link GraphFile#text}. */
final class GraphJson {
  /** Value of {@code format}. */
  static final String FORMAT = "vpns graph 1";

  static final String AGAIN = "write the file again";

  /** Far more than a network for images has; a bound for what a damaged file may ask for. */
  private static final long MAX_PARAMETERS = 1L << 30;

  private static final int MAX_AXES = 32;

  /** Characters of a reason in a message; some list all that a damaged file has. */
  private static final int MAX_REASON = 1000;

  private static final Gson GSON =
      new GsonBuilder()
          .disableHtmlEscaping()
          .registerTypeAdapter(Shape.class, new ShapeAdapter().nullSafe())
          .registerTypeAdapter(double.class, JsonNumbers.DOUBLES)
          // Gson asks for the type that a component's value has, too
          .registerTypeAdapter(Double.class, JsonNumbers.DOUBLES)
          .registerTypeAdapter(float.class, JsonNumbers.FLOATS)
          .registerTypeAdapter(Float.class, JsonNumbers.FLOATS)
          .create();

  private GraphJson() {}

  private static final class ShapeAdapter extends TypeAdapter<Shape> {
    @Override
    public void write(JsonWriter out, Shape shape) throws IOException {
      out.beginArray();
      for (long length : shape.getShape()) {
        out.value(length);
      }
      out.endArray();
    }

    @Override
    public Shape read(JsonReader in) throws IOException {
      Shape shape = new Shape();
      in.beginArray();
      while (in.hasNext()) {
        if (shape.dimension() == MAX_AXES) {
          throw new JsonParseException("a shape of more than " + MAX_AXES + " axes");
        }
        shape = shape.add(in.nextLong());
      }
      in.endArray();
      return shape;
    }
  }

  /** The text. */
  static String write(ModelGraph graph) {
    JsonObject json = new JsonObject();
    json.addProperty("format", FORMAT);
    JsonArray inputs = new JsonArray();
    for (int number : graph.inputs()) {
      JsonObject input = GSON.toJsonTree(graph.tensor(number)).getAsJsonObject();
      input.addProperty("tensor", number);
      inputs.add(input);
    }
    json.add("inputs", inputs);
    json.add("parameters", GSON.toJsonTree(graph.parameters()));
    JsonArray constants = new JsonArray();
    for (GraphConstant constant : graph.constants()) {
      constants.add(constant(constant));
    }
    json.add("constants", constants);
    JsonArray nodes = new JsonArray();
    for (GraphNode node : graph.nodes()) {
      JsonObject object = new JsonObject();
      object.addProperty("name", node.name());
      object.addProperty("kind", nameOf(node.operator()));
      object.add("attributes", GSON.toJsonTree(node.operator()));
      object.add("inputs", GSON.toJsonTree(node.inputs()));
      object.add("outputs", GSON.toJsonTree(node.outputs()));
      object.add("shapes", GSON.toJsonTree(graph.outputShapes(node)));
      nodes.add(object);
    }
    json.add("nodes", nodes);
    json.add("outputs", GSON.toJsonTree(graph.outputs()));
    return GSON.toJson(json);
  }

  private static String nameOf(Operator operator) {
    String name = Operators.TYPES.inverse().get(operator.getClass());
    if (name == null) {
      throw new IllegalArgumentException(operator.getClass() + " is not in the table of operators");
    }
    return name;
  }

  private static JsonObject constant(GraphConstant constant) {
    ByteBuffer values = constant.values();
    byte[] bytes = new byte[values.remaining()];
    values.get(bytes);
    JsonObject object = new JsonObject();
    object.addProperty("tensor", constant.tensor());
    object.addProperty("name", constant.name());
    object.add("shape", GSON.toJsonTree(constant.shape()));
    object.addProperty("type", constant.type().name());
    object.addProperty("values", Base64.getEncoder().encodeToString(bytes));
    return object;
  }

  /**
   * The graph of a text.
   *
   * @param source what to call the text in messages
   * @throws FormatException if it describes no graph
   */
  static ModelGraph read(String text, String source) throws FormatException {
    try {
      JsonObject json = JsonBound.tree(text).getAsJsonObject();
      String format = json.get("format").getAsString();
      if (!format.equals(FORMAT)) {
        throw new FormatException("graph of another format", source, FORMAT, format, AGAIN);
      }
      return graph(json, source);
    } catch (RuntimeException e) {
      // what a missing or wrong field gives depends on the field
      String reason = String.valueOf(e.getMessage());
      throw new FormatException(
              "no graph",
              source,
              FORMAT,
              reason.substring(0, Math.min(MAX_REASON, reason.length())),
              AGAIN)
          .causedBy(e);
    }
  }

  /** A part that makes tensors, to be added in the order of their numbers. */
  private record Part(int number, Adding adding) {}

  /** Adds a part; returns the numbers of its tensors. */
  private interface Adding {
    List<Integer> to(ModelGraph.Builder builder);
  }

  private static ModelGraph graph(JsonObject json, String source) throws FormatException {
    List<Part> parts = new ArrayList<>();
    for (JsonElement element : json.getAsJsonArray("inputs")) {
      JsonObject input = element.getAsJsonObject();
      GraphTensor tensor = GSON.fromJson(input, GraphTensor.class);
      parts.add(
          new Part(number(input), b -> List.of(b.input(tensor.shape(), present(tensor.type())))));
    }
    long total = 0;
    for (JsonElement element : json.getAsJsonArray("parameters")) {
      GraphParameter p = GSON.fromJson(element, GraphParameter.class);
      total = Math.addExact(total, MemoryBound.elements(p.shape()));
      parts.add(new Part(p.tensor(), b -> List.of(parameter(b, p))));
    }
    if (total > MAX_PARAMETERS) {
      throw new FormatException(
          "too many parameters", source, "at most " + MAX_PARAMETERS, total, AGAIN);
    }
    for (JsonElement element : json.getAsJsonArray("constants")) {
      GraphConstant constant = constant(element.getAsJsonObject());
      parts.add(new Part(constant.tensor(), b -> List.of(b.constant(constant))));
    }
    JsonArray nodes = json.getAsJsonArray("nodes");
    if (nodes.size() > MemoryBound.NODES) {
      throw new FormatException(
          "too many nodes", source, "at most " + MemoryBound.NODES, nodes.size(), AGAIN);
    }
    for (JsonElement element : nodes) {
      JsonObject node = element.getAsJsonObject();
      List<Integer> outputs = integers(node.get("outputs"));
      parts.add(new Part(outputs.get(0), b -> node(b, node)));
    }
    parts.sort(Comparator.comparingInt(Part::number));
    ModelGraph.Builder builder = ModelGraph.builder();
    int next = 0;
    for (Part part : parts) {
      List<Integer> made = part.adding().to(builder);
      if (part.number() != next || made.get(0) != next) {
        throw new FormatException(
            "tensors not numbered in order", source, next, part.number(), AGAIN);
      }
      next += made.size();
    }
    ModelGraph graph = builder.build(integers(json.get("outputs")));
    requireRoom(graph, source);
    return graph;
  }

  /** Whoever runs the graph makes its tensors, with one image at least. */
  private static void requireRoom(ModelGraph graph, String source) throws FormatException {
    for (GraphTensor tensor : graph.tensors()) {
      long[] sizes = LongStream.of(tensor.shape().getShape()).map(Math::abs).toArray();
      if (MemoryBound.elements(new Shape(sizes)) > MemoryBound.engine()) {
        throw new FormatException(
            "tensor larger than the memory",
            source,
            "at most " + MemoryBound.engine() + " elements",
            tensor.shape(),
            "use a machine with more memory, or narrower layers");
      }
    }
  }

  private static int number(JsonObject object) {
    return object.get("tensor").getAsInt();
  }

  private static <T> T present(T value) {
    return Objects.requireNonNull(value, "a field is missing");
  }

  private static String name(String text) {
    if (text.length() > MemoryBound.NAME) {
      throw new IllegalArgumentException(
          "a name of " + text.length() + " characters, above " + MemoryBound.NAME);
    }
    return text;
  }

  private static int parameter(ModelGraph.Builder builder, GraphParameter p) {
    Parameter.Type type = present(p.type());
    return builder.parameter(
        name(present(p.path())), type, p.trained(), present(p.shape()), present(p.dataType()));
  }

  private static GraphConstant constant(JsonObject object) {
    return new GraphConstant(
        number(object),
        name(object.get("name").getAsString()),
        GSON.fromJson(object.get("shape"), Shape.class),
        DataType.valueOf(object.get("type").getAsString()),
        Base64.getDecoder().decode(object.get("values").getAsString()));
  }

  private static List<Integer> node(ModelGraph.Builder builder, JsonObject node) {
    String kind = node.get("kind").getAsString();
    Class<? extends Operator> type = Operators.TYPES.get(kind);
    if (type == null) {
      throw new IllegalArgumentException("operator of kind '" + kind + "' is unknown");
    }
    Operator operator = present(GSON.fromJson(node.get("attributes"), type));
    requireWhole(operator, "node '" + node.get("name").getAsString() + "', attributes");
    List<Shape> shapes = new ArrayList<>();
    for (JsonElement shape : node.getAsJsonArray("shapes")) {
      shapes.add(GSON.fromJson(shape, Shape.class));
    }
    List<Integer> written =
        builder.node(
            name(node.get("name").getAsString()), operator, integers(node.get("inputs")), shapes);
    if (!written.equals(integers(node.get("outputs")))) {
      throw new IllegalArgumentException("outputs of a node are not numbered in order");
    }
    return written;
  }

  /** Gson leaves what is missing, and a word that names none of an enumeration, null. */
  private static void requireWhole(Object value, String where) {
    if (value instanceof List<?> list) {
      for (int i = 0; i < list.size(); i++) {
        requireWhole(present(list.get(i), where, "[" + i + "]"), where + "[" + i + "]");
      }
    } else if (value instanceof Record) {
      for (RecordComponent component : value.getClass().getRecordComponents()) {
        if (!component.getAnnotatedType().isAnnotationPresent(Nullable.class)) {
          String name = "." + component.getName();
          requireWhole(present(valueOf(component, value), where, name), where + name);
        }
      }
    }
  }

  private static @Nullable Object valueOf(RecordComponent component, Object record) {
    try {
      Method accessor = component.getAccessor();
      accessor.setAccessible(true);
      return accessor.invoke(record);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("accessors of own records can be called", e);
    }
  }

  private static Object present(@Nullable Object value, String where, String part) {
    if (value == null) {
      throw new IllegalArgumentException(where + part + " is missing or unknown");
    }
    return value;
  }

  private static List<Integer> integers(JsonElement array) {
    List<Integer> result = new ArrayList<>();
    array.getAsJsonArray().forEach(e -> result.add(e.getAsInt()));
    return result;
  }
}
