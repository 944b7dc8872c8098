package org.vpns.learn;

import ai.djl.ndarray.NDArray;
import java.util.List;
import org.vpns.VisualPrompt;
import org.vpns.optim.UpdateRule;

/**
 * Moves the prompt's values delta along dL/ddelta. A prompt without active pixels stays as it is.
 */
public final class PromptLearner implements Learner {
  private final UpdateRule rule;
  private final List<PlainTensor> delta;
  private final Scratch scratch = new Scratch();
  private final long[] updates = new long[1];

  /** Learns the given prompt. */
  public PromptLearner(VisualPrompt prompt, UpdateRule rule) {
    this.rule = rule;
    delta =
        prompt.parameterCount() == 0
            ? List.of()
            : List.of(new PlainTensor("delta", prompt.delta()::getArray, rule));
  }

  @Override
  public List<NDArray> trained() {
    return delta.stream().map(PlainTensor::array).toList();
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
    updates[0]++;
    delta.forEach(tensor -> tensor.update(rule, scratch, rate, updates[0], idle));
  }

  @Override
  public void dropGradients() {
    trained().forEach(PlainTensor::zeroGradient);
  }

  @Override
  public void visit(StateVisitor visitor) {
    visitor.counters("updates", updates);
    delta.forEach(tensor -> tensor.visit(rule, visitor));
  }
}
