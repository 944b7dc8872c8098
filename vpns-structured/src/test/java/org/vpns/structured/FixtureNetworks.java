package org.vpns.structured;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import com.google.common.primitives.Floats;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.NetworkValues;
import org.vpns.graph.op.Operator;
import org.vpns.internal.graph.op.Elementwise;
import org.vpns.internal.graph.op.Joining;
import org.vpns.internal.graph.op.Layers;
import org.vpns.internal.graph.op.Pooling;
import org.vpns.internal.graph.op.Reductions;
import org.vpns.internal.graph.op.Shaping;
import org.vpns.io.SafeTensors;
import org.vpns.testing.Fixtures;

/** The networks of {@code fixtures/structured.json}, whose README says what stands there. */
public final class FixtureNetworks {
  private static final JsonObject ALL = Fixtures.json("structured");

  private final JsonObject network;
  private final NDManager manager;
  private final ModelGraph.Builder builder = ModelGraph.builder();
  private final Map<String, Integer> tensors = new HashMap<>();
  private final Map<String, NDArray> arrays = new HashMap<>();
  private ChannelRules rules = ChannelRules.standard();

  private FixtureNetworks(JsonObject network, NDManager manager) {
    this.network = network;
    this.manager = manager;
  }

  /** A network, and the rules that say what it says of channel axes. */
  public record Built(NetworkValues network, ChannelRules rules) {}

  public static Stream<JsonObject> all() {
    return objects(ALL.getAsJsonArray("networks"));
  }

  public static Stream<JsonObject> objects(JsonElement array) {
    return StreamSupport.stream(array.getAsJsonArray().spliterator(), false)
        .map(JsonElement::getAsJsonObject);
  }

  public static Built build(JsonObject network, NDManager manager) {
    return new FixtureNetworks(network, manager).build();
  }

  public static NDArray input(JsonObject network, NDManager manager) {
    JsonObject first = network.getAsJsonArray("ops").get(0).getAsJsonObject();
    Shape shape = new Shape(2).addAll(new Shape(longs(first.get("shape"))));
    float[] values = new float[Math.toIntExact(shape.size())];
    for (int i = 0; i < values.length; i++) {
      values[i] = (7 * i % 17 - 8) / 8f;
    }
    return manager.create(values, shape);
  }

  public static long[] longs(JsonElement array) {
    return StreamSupport.stream(array.getAsJsonArray().spliterator(), false)
        .mapToLong(JsonElement::getAsLong)
        .toArray();
  }

  private Built build() {
    List<Integer> result = new ArrayList<>();
    objects(network.get("ops")).forEach(op -> add(op, result));
    return new Built(NetworkValues.of(builder.build(result), arrays), rules);
  }

  private void add(JsonObject op, List<Integer> result) {
    String id = op.get("id").getAsString();
    String kind = op.get("op").getAsString();
    if (kind.equals("input")) {
      Shape shape = new Shape(-1).addAll(new Shape(longs(op.get("shape"))));
      tensors.put(id, builder.input(shape, DataType.FLOAT32));
      return;
    }
    List<Integer> read = new ArrayList<>();
    names(op.get("in")).forEach(name -> read.add(tensors.getOrDefault(name, -2)));
    if (kind.equals("output")) {
      result.addAll(read);
      return;
    }
    boolean norm = kind.equals("bn");
    parameter(op, "mean", Parameter.Type.RUNNING_MEAN, read);
    parameter(op, "var", Parameter.Type.RUNNING_VAR, read);
    parameter(op, "weight", norm ? Parameter.Type.GAMMA : Parameter.Type.WEIGHT, read);
    parameter(op, "bias", norm ? Parameter.Type.BETA : Parameter.Type.BIAS, read);
    List<Integer> made = builder.node(id, operator(op, kind), read);
    if (kind.equals("pool") && op.get("kind").getAsString().equals("gap")) {
      made = builder.node(id + " as maps", new Shaping.Reshape(List.of(0L, 0L, 1L, 1L)), made);
    }
    List<String> names = names(op.get("out"));
    for (int i = 0; i < made.size(); i++) {
      tensors.put(names.get(i), made.get(i));
    }
    if (op.has("channelAxis")) {
      rules = rules.channelAxis(id, op.get("channelAxis").getAsInt());
    }
  }

  private static List<String> names(JsonElement one) {
    return one.isJsonArray()
        ? StreamSupport.stream(one.getAsJsonArray().spliterator(), false)
            .map(JsonElement::getAsString)
            .toList()
        : List.of(one.getAsString());
  }

  private void parameter(JsonObject op, String key, Parameter.Type type, List<Integer> read) {
    if (!op.has(key) || op.get(key).isJsonNull()) {
      return;
    }
    String path = op.get(key).getAsString();
    boolean trained = type != Parameter.Type.RUNNING_MEAN && type != Parameter.Type.RUNNING_VAR;
    arrays.computeIfAbsent(path, this::array);
    NDArray array = arrays.get(path);
    if (array != null) {
      tensors.computeIfAbsent(
          path, p -> builder.parameter(p, type, trained, array.getShape(), DataType.FLOAT32));
    }
    read.add(tensors.getOrDefault(path, -2));
  }

  private NDArray array(String path) {
    if (!network.has("params")) {
      SafeTensors tensors = Fixtures.tinyresnet();
      return manager.create(tensors.floats("model." + path), tensors.shape("model." + path));
    }
    JsonObject values = network.getAsJsonObject("params").getAsJsonObject(path);
    List<Float> data = new ArrayList<>();
    values.getAsJsonArray("data").forEach(value -> data.add(value.getAsFloat()));
    return manager.create(Floats.toArray(data), new Shape(longs(values.get("shape"))));
  }

  private static Shape square(JsonObject op, String key) {
    long value = op.get(key).getAsLong();
    return new Shape(value, value);
  }

  private static Operator operator(JsonObject op, String kind) {
    return switch (kind) {
      case "conv" ->
          new Layers.Convolution(
              square(op, "stride"),
              square(op, "padding"),
              new Shape(1, 1),
              op.get("groups").getAsInt());
      case "linear" -> new Layers.Linear();
      case "bn" -> new Layers.BatchNorm(1, 0.9f, op.get("eps").getAsFloat());
      case "relu" -> new Elementwise.Unary(Elementwise.Function.RELU);
      case "sigmoid" -> new Elementwise.Unary(Elementwise.Function.SIGMOID);
      case "softmax" -> new Reductions.Softmax(-1, false);
      case "scale" -> Elementwise.WithNumber.of(Elementwise.Pair.MUL, op.get("by").getAsDouble());
      case "pool" ->
          op.get("kind").getAsString().equals("gap")
              ? new Pooling.GlobalPool(Pooling.Kind.AVERAGE)
              : new Pooling.Pool(
                  Pooling.Kind.MAX,
                  square(op, "kernel"),
                  square(op, "stride"),
                  square(op, "padding"),
                  false,
                  false);
      case "add" -> new Elementwise.Binary(Elementwise.Pair.ADD);
      case "mul" -> new Elementwise.Binary(Elementwise.Pair.MUL);
      case "matmul" -> new Layers.MatMul(false);
      case "cat" -> new Joining.Concat(op.get("axis").getAsInt());
      case "split" -> {
        List<Long> begins = new ArrayList<>();
        long at = 0;
        for (long size : longs(op.get("sizes"))) {
          at += size;
          begins.add(at);
        }
        yield new Joining.Split(begins.subList(0, begins.size() - 1), op.get("axis").getAsInt());
      }
      case "reshape" -> {
        List<Long> shape = new ArrayList<>(List.of(0L));
        for (long length : longs(op.get("shape"))) {
          shape.add(length);
        }
        yield new Shaping.Reshape(shape);
      }
      case "permute" -> {
        List<Integer> order = new ArrayList<>();
        op.getAsJsonArray("perm").forEach(axis -> order.add(axis.getAsInt()));
        yield new Shaping.Transpose(order);
      }
      default -> throw new IllegalArgumentException(kind);
    };
  }
}
