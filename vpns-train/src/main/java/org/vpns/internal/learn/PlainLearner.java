package org.vpns.internal.learn;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;
import org.vpns.NamedParameter;
import org.vpns.VisualPrompt;
import org.vpns.internal.network.Network;
import org.vpns.optim.UpdateRule;

/** Moves parameters without mask along their gradients: biases and normalisation, or the prompt. */
public final class PlainLearner implements Learner {
  private final UpdateRule rule;
  private final List<PlainTensor> tensors;
  private final Scratch scratch = new Scratch();
  private final long[] updates = new long[1];

  private PlainLearner(UpdateRule rule, List<PlainTensor> tensors) {
    this.rule = rule;
    this.tensors = tensors;
  }

  /** Learns the network's biases and normalisation: all that is trained but not prunable. */
  public static PlainLearner others(Network network, UpdateRule rule) {
    List<PlainTensor> tensors = new ArrayList<>();
    for (int i = 0; i < network.others().size(); i++) {
      int index = i;
      NamedParameter parameter = network.others().get(i);
      tensors.add(
          new PlainTensor(
              parameter.path(), () -> network.others().get(index).parameter().getArray(), rule));
    }
    return new PlainLearner(rule, tensors);
  }

  /** Learns nothing. */
  static PlainLearner nothing(UpdateRule rule) {
    return new PlainLearner(rule, List.of());
  }

  /** Learns the prompt's values delta; a prompt without active pixels stays as it is. */
  public static PlainLearner prompt(VisualPrompt prompt, UpdateRule rule) {
    return new PlainLearner(
        rule,
        prompt.parameterCount() == 0
            ? List.of()
            : List.of(new PlainTensor("delta", prompt.delta()::getArray, rule)));
  }

  @Override
  public List<NDArray> trained() {
    return tensors.stream().map(PlainTensor::array).toList();
  }

  @Override
  public void step(double rate, boolean idle) {
    long t = ++updates[0];
    tensors.forEach(tensor -> tensor.update(rule, scratch, rate, t, idle));
  }

  @Override
  public void visit(LearnerVisitor visitor) {
    visitor.counters("updates", updates);
    tensors.forEach(tensor -> tensor.visit(rule, visitor));
  }
}
