package org.vpns.learn;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;
import org.vpns.NamedParameter;
import org.vpns.optim.UpdateRule;

/** Moves the parameters that are trained but not prunable: biases and normalisation. */
public final class OthersLearner implements Learner {
  private final UpdateRule rule;
  private final List<PlainTensor> tensors = new ArrayList<>();
  private final Scratch scratch = new Scratch();
  private final long[] updates = new long[1];

  /** Learns all such parameters of the network. */
  public OthersLearner(Network network, UpdateRule rule) {
    this.rule = rule;
    for (int i = 0; i < network.others().size(); i++) {
      int index = i;
      NamedParameter parameter = network.others().get(i);
      tensors.add(
          new PlainTensor(
              parameter.path(), () -> network.others().get(index).parameter().getArray(), rule));
    }
  }

  @Override
  public List<NDArray> trained() {
    return tensors.stream().map(PlainTensor::array).toList();
  }

  @Override
  public void update(double rate) {
    step(rate, false);
  }

  @Override
  public void idle(double rate) {
    step(rate, true);
  }

  private void step(double rate, boolean idle) {
    long t = ++updates[0];
    tensors.forEach(tensor -> tensor.update(rule, scratch, rate, t, idle));
  }

  @Override
  public void dropGradients() {
    trained().forEach(PlainTensor::zeroGradient);
  }

  @Override
  public void visit(StateVisitor visitor) {
    visitor.counters("updates", updates);
    tensors.forEach(tensor -> tensor.visit(rule, visitor));
  }
}
