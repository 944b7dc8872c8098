package org.vpns;

import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.core.Embedding;
import ai.djl.nn.recurrent.RecurrentBlock;
import com.google.common.collect.ImmutableSet;
import java.util.Collection;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Which parameters are prunable. Immutable; prints as it was built. */
public final class ParameterFilter implements Predicate<NamedParameter> {
  private final String text;
  private final Predicate<NamedParameter> test;

  private ParameterFilter(String text, Predicate<NamedParameter> test) {
    this.text = text;
    this.test = test;
  }

  /**
   * The default: weights of convolution and linear layers, the first and the last layer included;
   * no biases, no normalisation. In a module without block structure (TorchScript) these are the
   * weights of two or more dimensions.
   */
  public static ParameterFilter weights() {
    return new ParameterFilter(
        "ParameterFilter.weights()",
        p ->
            p.parameter().getType() == Parameter.Type.WEIGHT
                && !isOther(p.owner())
                && p.shape().dimension() >= 2);
  }

  private static boolean isOther(Block owner) {
    return owner instanceof Embedding || owner instanceof RecurrentBlock;
  }

  /**
   * Prunable weights whose whole path matches a regular expression.
   *
   * @throws IllegalArgumentException if the expression is malformed
   */
  public static ParameterFilter matching(String regex) {
    Pattern pattern = compile(regex);
    return new ParameterFilter(
        "ParameterFilter.matching('" + regex + "')",
        p -> weights().test(p) && pattern.matcher(p.path()).matches());
  }

  /** Exactly the parameters of the given paths. */
  public static ParameterFilter paths(Collection<String> paths) {
    ImmutableSet<String> set = ImmutableSet.copyOf(paths);
    return new ParameterFilter(
        "ParameterFilter.paths(" + set.size() + " paths)", p -> set.contains(p.path()));
  }

  /** This filter without the parameters whose whole path matches a regular expression. */
  public ParameterFilter except(String regex) {
    Pattern pattern = compile(regex);
    return new ParameterFilter(
        text + ".except('" + regex + "')",
        p -> test.test(p) && !pattern.matcher(p.path()).matches());
  }

  private static Pattern compile(String regex) {
    try {
      return Pattern.compile(regex);
    } catch (PatternSyntaxException e) {
      throw Problem.argument(
          "malformed parameter filter",
          "'" + regex + "'",
          "a regular expression",
          e.getDescription() + " at " + e.getIndex(),
          "write for example layer[12]\\..*");
    }
  }

  @Override
  public boolean test(NamedParameter parameter) {
    return test.test(parameter);
  }

  @Override
  public String toString() {
    return text;
  }
}
