package org.vpns.onnx;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Parameter;
import java.util.ArrayList;
import java.util.List;
import org.vpns.graph.ModelGraph;
import org.vpns.graph.op.Operator;
import org.vpns.onnx.SmallGraphs.Draw;

/** A graph of one operator: inputs from outside, then parameters. */
final class OperatorCase {
  private final String name;
  private final Operator operator;
  private final List<Shape> inputs = new ArrayList<>();
  private final List<DataType> types = new ArrayList<>();
  private final List<Shape> weights = new ArrayList<>();
  private final List<Parameter.Type> kinds = new ArrayList<>();
  private Draw draw = Draw.NORMAL;

  private OperatorCase(String name, Operator operator) {
    this.name = name;
    this.operator = operator;
  }

  /** On one input (batch, ...), called after the operator. */
  static OperatorCase of(Operator operator, long... perImage) {
    return new OperatorCase(operator.toString(), operator).and(perImage);
  }

  /** One input more. */
  OperatorCase and(long... perImage) {
    return input(DataType.FLOAT32, new Shape(-1).addAll(new Shape(perImage)));
  }

  OperatorCase input(DataType type, Shape shape) {
    inputs.add(shape);
    types.add(type);
    return this;
  }

  /** A parameter after the inputs. */
  OperatorCase with(Parameter.Type type, long... shape) {
    weights.add(new Shape(shape));
    kinds.add(type);
    return this;
  }

  OperatorCase draw(Draw kind) {
    draw = kind;
    return this;
  }

  /** The same with other element types. */
  OperatorCase as(DataType... newTypes) {
    types.clear();
    types.addAll(List.of(newTypes));
    return this;
  }

  Draw draw() {
    return draw;
  }

  Operator operator() {
    return operator;
  }

  ModelGraph graph() {
    ModelGraph.Builder builder = ModelGraph.builder();
    List<Integer> read = new ArrayList<>();
    for (int i = 0; i < inputs.size(); i++) {
      read.add(builder.input(inputs.get(i), types.get(i)));
    }
    for (int i = 0; i < weights.size(); i++) {
      boolean statistic =
          kinds.get(i) == Parameter.Type.RUNNING_MEAN || kinds.get(i) == Parameter.Type.RUNNING_VAR;
      read.add(
          builder.parameter(
              "layer.p" + i, kinds.get(i), !statistic, weights.get(i), DataType.FLOAT32));
    }
    return builder.build(builder.node("layer", operator, read));
  }

  @Override
  public String toString() {
    return name + " on " + inputs + (types.contains(DataType.INT64) ? " " + types : "");
  }
}
