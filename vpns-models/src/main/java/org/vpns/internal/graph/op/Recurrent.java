package org.vpns.internal.graph.op;

import static org.vpns.internal.graph.op.Arguments.all;
import static org.vpns.internal.graph.op.Arguments.array;
import static org.vpns.internal.graph.op.Arguments.ex;
import static org.vpns.internal.graph.op.Arguments.misfit;
import static org.vpns.internal.graph.op.Arguments.present;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.recurrent.RNN;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.vpns.graph.op.ForwardPass;
import org.vpns.graph.op.Operator;

/**
 * A recurrent layer as a whole; inputs x, one or two states, then its parameters; outputs the
 * sequence and the last states. It runs and trains, but is no part of what is pruned or exported.
 *
 * @param cell what happens in a step
 * @param biases whether there are biases
 * @param layers number of stacked layers
 * @param dropRate share of values dropped between layers in a training pass
 * @param bidirectional whether a second pass runs backwards
 * @param batchFirst whether x is (batch, time, values) rather than (time, batch, values)
 */
public record Recurrent(
    Cell cell,
    boolean biases,
    int layers,
    double dropRate,
    boolean bidirectional,
    boolean batchFirst)
    implements Operator {
  /** What happens in a step. */
  public enum Cell {
    /** Plain cell with ReLU. */
    RELU(1),
    /** Plain cell with hyperbolic tangent. */
    TANH(1),
    /** Gated recurrent unit. */
    GRU(1),
    /** Long short-term memory. */
    LSTM(2);

    private final int states;

    Cell(int states) {
      this.states = states;
    }
  }

  @Override
  public String kind() {
    return cell == Cell.RELU || cell == Cell.TANH ? "rnn" : cell.name().toLowerCase(Locale.ROOT);
  }

  @Override
  public NDArray[] apply(@Nullable NDArray[] in, ForwardPass pass) {
    NDArray x = array(in, 0);
    NDList states = new NDList();
    NDList parameters = new NDList();
    for (int i = 1; i < in.length; i++) {
      (i <= cell.states ? states : parameters).add(array(in, i));
    }
    boolean training = pass.training();
    return all(
        switch (cell) {
          case LSTM ->
              ex(in)
                  .lstm(
                      x,
                      states,
                      parameters,
                      biases,
                      layers,
                      dropRate,
                      training,
                      bidirectional,
                      batchFirst);
          case GRU ->
              ex(in)
                  .gru(
                      x,
                      states.head(),
                      parameters,
                      biases,
                      layers,
                      dropRate,
                      training,
                      bidirectional,
                      batchFirst);
          default ->
              ex(in)
                  .rnn(
                      x,
                      states.head(),
                      parameters,
                      biases,
                      layers,
                      cell == Cell.RELU ? RNN.Activation.RELU : RNN.Activation.TANH,
                      dropRate,
                      training,
                      bidirectional,
                      batchFirst);
        });
  }

  @Override
  public List<Shape> outputShapes(List<@Nullable Shape> in, long batch) {
    Shape x = present(in, 0, this);
    Shape state = present(in, 1, this);
    if (x.dimension() != 3 || state.dimension() != 3) {
      throw misfit(this, "sequences and states of three axes", in);
    }
    Arguments.requireShare(dropRate, this);
    List<Shape> result = new ArrayList<>();
    result.add(x.slice(0, 2).add(state.get(2) * (bidirectional ? 2 : 1)));
    for (int i = 1; i <= cell.states; i++) {
      result.add(present(in, i, this));
    }
    return result;
  }
}
