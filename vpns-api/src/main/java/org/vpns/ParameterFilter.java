package org.vpns;

import ai.djl.nn.Block;
import ai.djl.nn.Parameter;
import ai.djl.nn.SymbolBlock;
import ai.djl.nn.core.Embedding;
import ai.djl.nn.recurrent.RecurrentBlock;
import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableListMultimap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Multimaps;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Which parameters of a network are prunable. Immutable; prints as it was built. */
public final class ParameterFilter {
  private static final int MAX_LISTED = 8;

  private final String text;
  private final UnaryOperator<ImmutableList<NamedParameter>> choice;
  private final boolean frozenToo;

  private ParameterFilter(
      String text, UnaryOperator<ImmutableList<NamedParameter>> choice, boolean frozenToo) {
    this.text = text;
    this.choice = choice;
    this.frozenToo = frozenToo;
  }

  private static ImmutableList<NamedParameter> only(
      List<NamedParameter> parameters, Predicate<NamedParameter> test) {
    return parameters.stream().filter(test).collect(ImmutableList.toImmutableList());
  }

  /**
   * The default: weights of convolution and linear layers, the first and the last layer included;
   * no biases, no normalisation, nothing {@linkplain ParameterPaths#frozen() frozen}. A TorchScript
   * module does not tell what its layers are: there these are the parameters of two or more
   * dimensions that are called a weight, without the gains of {@code weight_norm}. What else it
   * multiplies by, as entries of a {@code ParameterList}, takes {@link #paths}.
   */
  public static ParameterFilter weights() {
    return new ParameterFilter("ParameterFilter.weights()", ParameterFilter::weightsOf, false);
  }

  private static ImmutableList<NamedParameter> weightsOf(List<NamedParameter> parameters) {
    ImmutableList<NamedParameter> weights = only(parameters, ParameterFilter::isWeight);
    ImmutableListMultimap<String, NamedParameter> layers =
        Multimaps.index(only(weights, p -> p.owner() instanceof SymbolBlock), Gains::layer);
    return only(weights, p -> layers.get(Gains.layer(p)).stream().noneMatch(w -> Gains.of(p, w)));
  }

  private static boolean isWeight(NamedParameter p) {
    return p.parameter().getType() == Parameter.Type.WEIGHT
        && !isOther(p.owner())
        && p.shape().dimension() >= 2;
  }

  private static boolean isOther(Block owner) {
    return owner instanceof Embedding || owner instanceof RecurrentBlock;
  }

  /**
   * Those of {@link #weights()} whose whole path matches a regular expression.
   *
   * @throws IllegalArgumentException if the expression is malformed
   */
  public static ParameterFilter matching(String regex) {
    Problem.given(regex, "ParameterFilter.matching", "regex");
    Pattern pattern = compile(regex);
    return new ParameterFilter(
        "ParameterFilter.matching('" + regex + "')",
        all -> only(weightsOf(all), p -> pattern.matcher(p.path()).matches()),
        false);
  }

  /**
   * Exactly the parameters of the given paths, frozen ones too. A network that lacks one of them is
   * refused, and so are statistics, which normalisation needs as they are.
   */
  public static ParameterFilter paths(Collection<String> paths) {
    Problem.givenEach(paths, "ParameterFilter.paths", "paths");
    ImmutableSet<String> set = ImmutableSet.copyOf(paths);
    String text = "ParameterFilter.paths(" + set.size() + " paths)";
    return new ParameterFilter(
        text,
        all -> {
          ImmutableList<NamedParameter> passed = only(all, p -> set.contains(p.path()));
          requireAll(set, all, text);
          requireNoStatistic(passed, text);
          return passed;
        },
        true);
  }

  private static void requireAll(
      ImmutableSet<String> paths, ImmutableList<NamedParameter> parameters, String text) {
    ImmutableSet<String> known =
        parameters.stream().map(NamedParameter::path).collect(ImmutableSet.toImmutableSet());
    List<String> unknown = new ArrayList<>();
    for (String path : paths) {
      if (!known.contains(path)) {
        String nearest = Problem.nearest(path, known);
        unknown.add(nearest == null ? path : path + " (nearest: " + nearest + ")");
      }
    }
    if (!unknown.isEmpty()) {
      throw Problem.argument(
          "unknown parameter",
          text,
          "names of the network's " + known.size() + " parameters",
          Problem.listed(unknown, MAX_LISTED),
          "take them from ParameterPaths.of(block)");
    }
  }

  private static void requireNoStatistic(List<NamedParameter> passed, String text) {
    List<String> statistics =
        passed.stream().filter(NamedParameter::isStatistic).map(NamedParameter::path).toList();
    if (!statistics.isEmpty()) {
      throw Problem.argument(
          "statistics cannot be pruned",
          text,
          "weights, biases or scales",
          "statistics of normalisation: " + Problem.listed(statistics, MAX_LISTED),
          "leave them out");
    }
  }

  /**
   * This filter with those parameters that pass and are {@linkplain ParameterPaths#frozen()
   * frozen}: they are pruned, and what is kept of them stays as it is.
   */
  public ParameterFilter frozenToo() {
    return frozenToo ? this : new ParameterFilter(text + ".frozenToo()", choice, true);
  }

  /**
   * This filter without the parameters whose whole path matches a regular expression. A network
   * that has none is refused: the expression is mistyped, or of another network.
   */
  public ParameterFilter except(String regex) {
    Problem.given(regex, "ParameterFilter.except", "regex");
    Pattern pattern = compile(regex);
    String whole = text + ".except('" + regex + "')";
    return new ParameterFilter(
        whole,
        all -> {
          requireMatch(pattern, all, whole);
          return only(choice.apply(all), p -> !pattern.matcher(p.path()).matches());
        },
        frozenToo);
  }

  private static void requireMatch(
      Pattern pattern, ImmutableList<NamedParameter> parameters, String text) {
    List<String> paths = parameters.stream().map(NamedParameter::path).toList();
    if (!paths.isEmpty() && paths.stream().noneMatch(path -> pattern.matcher(path).matches())) {
      String nearest = Problem.nearest(pattern.pattern(), paths);
      throw Problem.argument(
          "no parameter to leave out",
          text,
          "a whole path of one of the network's " + paths.size() + " parameters",
          "none that matches" + (nearest == null ? "" : " (nearest: " + nearest + ")"),
          "write for example layer1\\..*, or take paths from ParameterPaths.of(block)");
    }
  }

  /**
   * This filter without the network's head: of the parameters that pass, the last one in definition
   * order that has one row (a linear layer's weight) or filter (a convolution) per output.
   *
   * @param outputs number of the network's outputs, at least 1
   * @throws IllegalArgumentException if it is below 1; when applied to a network, if no parameter
   *     that passes has as many rows
   */
  public ParameterFilter exceptHead(int outputs) {
    String whole = text + ".exceptHead(" + outputs + ")";
    if (outputs < 1) {
      throw Problem.argument(
          "head without outputs",
          whole,
          "at least 1 output",
          outputs,
          "pass the network's outputs");
    }
    return new ParameterFilter(
        whole,
        all -> {
          ImmutableList<NamedParameter> passed = choice.apply(all);
          NamedParameter head = head(passed, outputs, whole);
          return only(passed, p -> !p.equals(head));
        },
        frozenToo);
  }

  private static NamedParameter head(
      ImmutableList<NamedParameter> parameters, int outputs, String text) {
    String last = "no parameter that passes";
    for (NamedParameter p : parameters) {
      last = p.path() + " " + p.shape() + " as the last one";
    }
    for (NamedParameter p : parameters.reverse()) {
      if (p.shape().dimension() > 0 && p.shape().get(0) == outputs) {
        return p;
      }
    }
    throw Problem.argument(
        "no head found",
        text,
        "a parameter of shape (" + outputs + ", ...)",
        last,
        "pass the number of the network's outputs, or name the head in except");
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

  /** Those of a network's parameters, all of them in definition order, that are prunable. */
  public List<NamedParameter> of(List<NamedParameter> parameters) {
    Problem.givenEach(parameters, "ParameterFilter.of", "parameters");
    return of(
        parameters, only(parameters, p -> !p.parameter().requiresGradient() && !p.isStatistic()));
  }

  /** The same where it is known which of them count as frozen. */
  List<NamedParameter> of(List<NamedParameter> parameters, Collection<NamedParameter> frozen) {
    ImmutableList<NamedParameter> passed = choice.apply(ImmutableList.copyOf(parameters));
    return frozenToo ? passed : only(passed, p -> !frozen.contains(p));
  }

  @Override
  public String toString() {
    return text;
  }
}
