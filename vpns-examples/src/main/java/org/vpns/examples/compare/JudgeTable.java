package org.vpns.examples.compare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.vpns.Problem;
import org.vpns.internal.compare.AccuracyMatrix;
import org.vpns.internal.compare.Statistics;
import org.vpns.internal.text.Texts;

/**
 * Prints the table of a stored {@code comparison.csv} of an earlier build, without training again.
 * Its errors are deviations of seeds over the root of their number; where seeds draw their images
 * from one pool they are corrected for that, and the probabilities for their number, as {@link
 * org.vpns.study.Comparison} does today.
 */
public final class JudgeTable {
  private static final String COLUMNS =
      "sparsity,method,runs,accuracy,accuracy_deviation,plain,plain_deviation,difference,"
          + "difference_error,pairs,epochs,gradient_steps,scoring_steps,double_backwards,seconds";

  private final List<String[]> lines;
  private final double[] errors;
  private final double[] probabilities;
  private final double[] corrected;

  private JudgeTable(List<String[]> lines, double testPerTraining) {
    this.lines = lines;
    errors = new double[lines.size()];
    probabilities = new double[lines.size()];
    for (int i = 0; i < errors.length; i++) {
      int runs = (int) number(i, 9);
      double deviation = number(i, 8) * Math.sqrt(runs);
      errors[i] = Statistics.standardError(deviation, runs, testPerTraining);
      probabilities[i] = Statistics.probability(number(i, 7), errors[i], runs);
    }
    corrected = Statistics.holm(probabilities);
  }

  /**
   * Reads a table.
   *
   * @param testPerTraining test images per training image where seeds draw both anew, else 0
   */
  static JudgeTable read(Path file, double testPerTraining) throws IOException {
    List<String> text = Files.readAllLines(file);
    if (text.isEmpty() || !text.get(0).equals(COLUMNS)) {
      throw Problem.argument(
          "not a table of an earlier build",
          file.toString(),
          COLUMNS,
          text.isEmpty() ? "nothing" : text.get(0),
          "tables with a probability are judged already");
    }
    List<String[]> lines = new ArrayList<>();
    for (String line : text.subList(1, text.size())) {
      String[] fields = line.split(",", -1);
      if (fields.length != COLUMNS.split(",").length) {
        throw Problem.argument(
            "line of another length",
            file + ", '" + line + "'",
            COLUMNS.split(",").length + " fields",
            fields.length,
            "leave out methods whose name has a comma");
      }
      lines.add(fields);
    }
    return new JudgeTable(lines, testPerTraining);
  }

  private double number(int line, int column) {
    String field = lines.get(line)[column];
    return field.isEmpty() ? Double.NaN : Double.parseDouble(field);
  }

  /** The matrix of accuracies, marked where a difference is beyond noise. */
  String matrix() {
    AccuracyMatrix matrix = new AccuracyMatrix();
    for (int i = 0; i < corrected.length; i++) {
      String accuracy = Texts.percent(number(i, 3)) + " ± " + Texts.percent(number(i, 4));
      matrix.add(
          lines.get(i)[0],
          lines.get(i)[1],
          new AccuracyMatrix.Cell(
              accuracy, number(i, 7), corrected[i], number(i, 10), number(i, 11), number(i, 14)));
    }
    return matrix.toMarkdown();
  }

  /** How many differences are beyond noise: each on its own, and after Holm's correction. */
  List<String> counts() {
    return List.of(
        count("each on its own", probabilities), count("after Holm's correction", corrected));
  }

  private String count(String how, double[] all) {
    int compared = 0;
    int above = 0;
    int below = 0;
    for (int i = 0; i < all.length; i++) {
      compared += Double.isNaN(number(i, 7)) ? 0 : 1;
      if (all[i] < Statistics.LEVEL) {
        above += number(i, 7) > 0 ? 1 : 0;
        below += number(i, 7) > 0 ? 0 : 1;
      }
    }
    return String.format(
        Locale.ROOT,
        "Of %d differences, %s: %d above and %d below beyond noise.",
        compared,
        how,
        above,
        below);
  }

  /** The differences with corrected error and both probabilities, a line each. */
  List<String> differences() {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < corrected.length; i++) {
      if (!Double.isNaN(number(i, 7))) {
        texts.add(
            String.format(
                Locale.ROOT,
                "%s %s: %s ± %s, p %.4f, among all %.4f",
                lines.get(i)[0],
                lines.get(i)[1],
                Texts.points(number(i, 7)),
                Texts.percent(errors[i]),
                probabilities[i],
                corrected[i]));
      }
    }
    return texts;
  }

  /** Takes the file and the numbers of test and training images; 0 and 1 for a fixed test set. */
  public static void main(String[] args) throws IOException {
    if (args.length != 3) {
      System.err.println(
          Problem.message(
              "wrong number of arguments",
              "JudgeTable",
              "FILE TEST_IMAGES TRAINING_IMAGES",
              List.of(args),
              "0 and 1 stand for a fixed test set"));
      System.exit(2);
    }
    double ratio = Double.parseDouble(args[1]) / Double.parseDouble(args[2]);
    JudgeTable table = read(Path.of(args[0]), ratio);
    System.out.println(table.matrix());
    table.counts().forEach(System.out::println);
    table.differences().forEach(System.out::println);
  }
}
