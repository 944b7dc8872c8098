package org.vpns.internal.onnx;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.vpns.io.FormatException;

/**
 * An equation of Einstein's convention, such as {@code bij,bjk->bik}: each axis of each operand has
 * a letter, axes of one letter run together, and those that the result lacks are summed over.
 *
 * @param terms letters of each operand
 * @param result letters of the result
 */
record EinsumEquation(ImmutableList<String> terms, String result) {
  private static final String ANY = "...";

  /** Letters of the axes that three dots stand for, from the last one on. */
  private static final char FIRST_OF_ANY = '\ue000';

  /** The equation of a node; three dots stand for axes that {@link #ofRanks} names. */
  static EinsumEquation of(OnnxNode node) throws FormatException {
    String text = node.text("equation", "").replace(" ", "");
    List<String> sides = Splitter.on("->").splitToList(text);
    ImmutableList<String> terms = ImmutableList.copyOf(Splitter.on(',').split(sides.get(0)));
    String result = sides.size() == 1 ? implicit(terms) : sides.get(sides.size() - 1);
    boolean distinct =
        Stream.concat(terms.stream(), Stream.of(result)).allMatch(EinsumEquation::isTerm);
    boolean known = !text.isEmpty() && without(result, String.join("", terms)).isEmpty();
    if (sides.size() > 2 || !distinct || !known || terms.size() != node.inputs().size()) {
      throw node.bad(
          "equation not supported",
          "letters for each of " + node.inputs().size() + " operands, none of them twice in one",
          "'" + text + "'",
          "write it out with Transpose, MatMul and ReduceSum");
    }
    return new EinsumEquation(terms, result);
  }

  /** Letters, none of them twice, among which three dots may stand. */
  private static boolean isTerm(String term) {
    String letters = term.replaceFirst("\\.\\.\\.", "");
    return letters.matches("[A-Za-z]*") && letters.chars().distinct().count() == letters.length();
  }

  /** Without an arrow: all letters that occur once, in the order of the alphabet. */
  private static String implicit(List<String> terms) {
    String all = String.join("", terms);
    String once =
        all.chars()
            .filter(letter -> letter != '.' && all.indexOf(letter) == all.lastIndexOf(letter))
            .sorted()
            .mapToObj(Character::toString)
            .collect(Collectors.joining());
    return (all.contains(ANY) ? ANY : "") + once;
  }

  /** With a letter for each axis that three dots stand for; they count from the last one. */
  EinsumEquation ofRanks(int[] ranks) {
    ImmutableList.Builder<String> named = ImmutableList.builder();
    int most = 0;
    for (int i = 0; i < ranks.length; i++) {
      String term = terms.get(i);
      int any = term.contains(ANY) ? Math.max(0, ranks[i] - term.length() + ANY.length()) : 0;
      most = Math.max(most, any);
      named.add(term.replace(ANY, any(any)));
    }
    return new EinsumEquation(named.build(), result.replace(ANY, any(most)));
  }

  private static String any(int axes) {
    return IntStream.rangeClosed(1, axes)
        .mapToObj(i -> Character.toString(FIRST_OF_ANY + axes - i))
        .collect(Collectors.joining());
  }

  /** Letters of the first word that are in the second too, in its order. */
  static String both(String word, String other) {
    return without(word, without(word, other));
  }

  /** Letters of the first word that are not in the second, in its order. */
  static String without(String word, String other) {
    return word.chars()
        .filter(letter -> other.indexOf(letter) < 0)
        .mapToObj(Character::toString)
        .collect(Collectors.joining());
  }
}
