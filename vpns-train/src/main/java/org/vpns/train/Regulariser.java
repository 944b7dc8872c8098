package org.vpns.train;

import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import java.util.List;
import org.vpns.Problem;
import org.vpns.optim.StateVisitor;

/**
 * What a stage adds to the loss's gradients before its weights move, such as the gradient of a
 * penalty. A value: it holds options, no state of a run. The L1 norm:
 *
 * <pre>{@code
 * record Lasso(float lambda) implements Regulariser {
 *   @Override
 *   public Term begin(Weights weights) {
 *     return gradients ->
 *         gradients.paths().forEach(path -> gradients.add(path, (i, w) -> lambda * Math.signum(w)));
 *   }
 *
 *   @Override
 *   public String describe() {
 *     return "lasso " + lambda;
 *   }
 * }
 * }</pre>
 *
 * <p>The losses that a run tells are those of the images alone.
 */
public interface Regulariser {
  /**
   * Begins a stage.
   *
   * @param weights the network under the stage's first mask; where a run is resumed, as it was
   *     given: what a term keeps of the values is state that it {@linkplain Term#visit shows}
   * @throws IllegalArgumentException if the network lacks what this needs
   */
  Term begin(Weights weights);

  /** Name and options, for the record; equal ones act equally. */
  String describe();

  /**
   * This and another in one stage: both add to the gradients of each pass, this one first, and
   * neither sees what the other adds.
   */
  default Regulariser plus(Regulariser other) {
    Problem.given(other, "Regulariser.plus", "other");
    return RegulariserSum.of(this, other);
  }

  /** A regulariser at work in one stage; what state it has belongs to the run. */
  interface Term {
    /** Adds to the gradients of one pass, after its backward pass and before weights move. */
    void add(Gradients gradients);

    /** An epoch of the stage has ended. */
    default void epochEnded(Weights weights) {}

    /** Shows all state that later steps depend on. */
    default void visit(StateVisitor visitor) {}
  }

  /** The network's parameters as they are now; removed weights are 0. */
  interface Weights {
    /** The parameters that move, by dotted path, in the network's order; none that is frozen. */
    List<String> paths();

    /**
     * The shape of any parameter of the network.
     *
     * @throws IllegalArgumentException if there is none of this path
     */
    Shape shape(String path);

    /** What a parameter of the network is for; modules of TorchScript say OTHER of all. */
    Parameter.Type type(String path);

    /**
     * Reads some entries of a parameter of the network, in flat order.
     *
     * @param from the first
     * @param to filled from its beginning
     * @param length how many
     * @throws IllegalArgumentException if it has not so many entries
     */
    void read(String path, int from, float[] to, int length);

    /** A copy of a parameter of the network, in flat order. */
    default float[] get(String path) {
      Problem.given(path, "Regulariser.Weights.get", "path");
      float[] values = new float[Math.toIntExact(shape(path).size())];
      read(path, 0, values, values.length);
      return values;
    }

    /** The network's block, to look at. */
    Block block();

    /** Shape of one network input, (channels, height, width). */
    Shape inputShape();
  }

  /** The gradients of one pass; {@link #paths()} are those of the parameters that it moves. */
  interface Gradients extends Weights {
    /**
     * Adds to some entries of a gradient, in flat order. What the pass leaves as it is gets
     * nothing; where 0 is added, a gradient keeps its bits.
     *
     * @param path of a parameter that the stage trains
     * @param from the first entry
     * @param amounts from its beginning
     * @param length how many
     * @throws IllegalArgumentException if the stage does not train the parameter, or it has not so
     *     many entries
     * @throws IllegalStateException if an amount is not finite
     */
    void add(String path, int from, float[] amounts, int length);

    /**
     * Adds to all entries of a gradient.
     *
     * @throws IllegalArgumentException if there are more or fewer amounts
     */
    default void add(String path, float[] amounts) {
      Problem.given(path, "Regulariser.Gradients.add", "path");
      Problem.given(amounts, "Regulariser.Gradients.add", "amounts");
      add(path, 0, amounts, amounts.length);
    }

    /** Adds to all entries of a gradient what a function says of their weights. */
    default void add(String path, Amount amount) {
      Problem.given(path, "Regulariser.Gradients.add", "path");
      Problem.given(amount, "Regulariser.Gradients.add", "amount");
      float[] values = get(path);
      for (int i = 0; i < values.length; i++) {
        values[i] = amount.of(i, values[i]);
      }
      add(path, values);
    }
  }

  /** What is added to one entry of a gradient. */
  interface Amount {
    /**
     * The amount.
     *
     * @param entry its number in flat order
     * @param weight its value
     */
    float of(int entry, float weight);
  }
}
