package org.vpns.examples.exports;

import ai.djl.Model;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.training.ParameterStore;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Properties;
import org.vpns.Layout;
import org.vpns.MaskSet;
import org.vpns.NamedParameter;
import org.vpns.ParameterFilter;
import org.vpns.ParameterPaths;
import org.vpns.Problem;
import org.vpns.Sparsity;
import org.vpns.graph.GraphBlock;
import org.vpns.io.SafeTensors;
import org.vpns.onnx.Onnx;
import org.vpns.prune.Pruners;
import org.vpns.torch.TorchFile;
import org.vpns.weights.WeightFile;

/**
 * One exported network against the answers of the program that wrote it. In its folder lie {@code
 * network.onnx}, the same weights as {@code network.pth} (may be missing), how many weights and
 * parameters there are and how exact that program's own answers are ({@code facts.properties}), and
 * {@code answers.safetensors}: images x, outputs y in double precision, an upstream gradient w, and
 * the gradients of the sum of y times w, gx with respect to x, and where some are given {@code
 * g.<path>} with respect to parameters.
 */
final class ExportCheck {
  static final String HEADINGS =
      String.join(
          "\t",
          List.of(
              "verdict",
              "seconds to read",
              "output error",
              "PyTorch's own",
              "gradient error",
              "PyTorch's own",
              "weights",
              "of",
              "parameters",
              "of",
              "pruned, written, read",
              "weights named as in the .pth",
              ".pth by name",
              "remark"));

  /**
   * Relative to the largest number of the answer. Single precision is exact to 6e-8; up to some 200
   * layers, each a sum of up to 25,000 products in another order, add up to a hundred times that.
   */
  private static final double TOLERANCE = 1e-5;

  /** Gradients pass through each layer twice, and through more cancellation. */
  private static final double GRADIENT_TOLERANCE = 1e-4;

  /** In double precision: answers are kept in single, exact to 6e-8. */
  private static final double EXACT_TOLERANCE = 1e-6;

  /** Where the other program's own answers in single precision are less exact, so may these be. */
  private static final double OWN_ERRORS = 4;

  private static final int LONGEST_REMARK = 300;
  private static final Sparsity SPARSITY = Sparsity.of(0.5);

  private final Path folder;
  private final List<String> wrong = new ArrayList<>();
  private final List<String> remarks = new ArrayList<>();

  ExportCheck(Path folder) {
    this.folder = folder;
  }

  /** The values of {@link #HEADINGS}. */
  String line() {
    long begin = System.nanoTime();
    Path file = folder.resolve("network.onnx");
    try (Model model = Onnx.read(file)) {
      return checked(model, (System.nanoTime() - begin) / 1e9);
    } catch (IOException | RuntimeException e) {
      return "refused" + "\t-".repeat(12) + "\t" + remark(e);
    }
  }

  private String remark(Exception e) {
    String text = String.valueOf(e.getMessage()).replace(folder + "/", "").replaceAll("\\s+", " ");
    return text.length() <= LONGEST_REMARK ? text : text.substring(0, LONGEST_REMARK) + " ...";
  }

  private String checked(Model model, double seconds) throws IOException {
    SafeTensors answers = SafeTensors.read(folder.resolve("answers.safetensors"));
    Properties facts = new Properties();
    try (Reader reader = Files.newBufferedReader(folder.resolve("facts.properties"))) {
      facts.load(reader);
    }
    float[] y = answers.floats("y");
    List<String> columns = new ArrayList<>();
    columns.add(String.format(Locale.ROOT, "%.1f", seconds));
    double allowed = allowed(facts, "ownOutputError", TOLERANCE);
    columns.add(within("output", difference(outputs(model, answers), y), allowed));
    columns.add(number(Double.parseDouble(fact(facts, "ownOutputError"))));
    columns.add(gradients(model, answers, allowed(facts, "ownGradientError", GRADIENT_TOLERANCE)));
    columns.add(number(Double.parseDouble(fact(facts, "ownGradientError"))));
    Layout weights = ParameterPaths.of(model.getBlock()).prunable(ParameterFilter.weights());
    columns.add(Long.toString(weights.size()));
    columns.add(fact(facts, "weights"));
    if (weights.size() != Long.parseLong(fact(facts, "weights"))) {
      wrong.add("weights");
    }
    columns.add(Long.toString(learning(model)));
    columns.add(fact(facts, "parameters"));
    columns.add(within("round trip", roundTrip(model, answers), TOLERANCE));
    byName(model, weights, answers, allowed, columns);
    columns.add(String.join("; ", remarks));
    return (wrong.isEmpty() ? "right" : "wrong: " + String.join(", ", wrong))
        + "\t"
        + String.join("\t", columns);
  }

  /**
   * A ReLU whose input is 0 up to rounding opens in one sum of single precision and not in another,
   * so what single precision gets wrong is decided in double.
   */
  private String gradients(Model model, SafeTensors answers, double allowed) {
    double error = ExportGradients.inSinglePrecision(model, answers);
    if (!(error <= allowed)) {
      double exact = ExportGradients.inDoublePrecision(model, answers);
      within("gradient", exact, EXACT_TOLERANCE);
      remarks.add("gradients in double precision: " + number(exact));
    }
    return number(error);
  }

  private String within(String what, double error, double tolerance) {
    if (!(error <= tolerance)) {
      wrong.add(what);
    }
    return number(error);
  }

  private static String number(double error) {
    return String.format(Locale.ROOT, "%.1e", error);
  }

  private static String fact(Properties facts, String name) {
    String value = facts.getProperty(name);
    if (value == null) {
      throw Problem.argument(
          "fact missing",
          "facts.properties",
          name,
          facts.stringPropertyNames(),
          "write the folder again with docs/torchvision/export.py");
    }
    return value;
  }

  private static double allowed(Properties facts, String own, double least) {
    return Math.max(least, OWN_ERRORS * Double.parseDouble(fact(facts, own)));
  }

  /** Largest difference, relative to the largest expected number. */
  static double difference(float[] found, float[] expected) {
    if (found.length != expected.length) {
      return Double.POSITIVE_INFINITY;
    }
    double largest = 0;
    double worst = 0;
    for (int i = 0; i < found.length; i++) {
      double difference = Math.abs((double) found[i] - expected[i]);
      worst = Double.isNaN(difference) ? Double.POSITIVE_INFINITY : Math.max(worst, difference);
      largest = Math.max(largest, Math.abs(expected[i]));
    }
    return worst / largest;
  }

  private static float[] outputs(Model model, SafeTensors answers) {
    try (NDManager manager = model.getNDManager().newSubManager()) {
      ParameterStore store = new ParameterStore(manager, false);
      NDList images = new NDList(images(answers, manager));
      return model.getBlock().forward(store, images, false).singletonOrThrow().toFloatArray();
    }
  }

  static NDArray images(SafeTensors answers, NDManager manager) {
    return manager.create(answers.floats("x"), answers.shape("x"));
  }

  /** Numbers that a gradient changes: all parameters but statistics. */
  private static long learning(Model model) {
    long sum = 0;
    for (NamedParameter p : ParameterPaths.of(model.getBlock()).list()) {
      if (!p.isStatistic()) {
        sum += p.shape().size();
      }
    }
    return sum;
  }

  /** Prunes by magnitude, writes, reads again; the largest difference of outputs. */
  private double roundTrip(Model model, SafeTensors answers) throws IOException {
    MaskSet masks = Pruners.magnitude().findMask(model, SPARSITY, 1);
    masks.applyTo(model);
    float[] before = outputs(model, answers);
    Path file = folder.resolve("pruned.onnx");
    Onnx.write((GraphBlock) model.getBlock(), file);
    try (Model again = Onnx.read(file)) {
      Layout layout = masks.layout();
      Layout found = ParameterPaths.of(again.getBlock()).prunable(ParameterFilter.weights());
      if (!found.equals(layout)) {
        wrong.add("weights read again");
      }
      return difference(outputs(again, answers), before);
    } finally {
      Files.delete(file);
    }
  }

  /** The file of PyTorch must bring the pruned weights back, where the export kept their names. */
  private void byName(
      Model model, Layout weights, SafeTensors answers, double allowed, List<String> columns)
      throws IOException {
    Path file = folder.resolve("network.pth");
    if (Files.notExists(file)) {
      columns.addAll(List.of("-", "-"));
      return;
    }
    List<String> names = TorchFile.read(file).names();
    long kept = weights.paths().stream().filter(names::contains).count();
    columns.add(kept + " of " + weights.paths().size());
    try {
      WeightFile.load(model, file);
    } catch (IllegalArgumentException e) {
      columns.add("no");
      remarks.add(remark(e));
      return;
    }
    columns.add(within(".pth", difference(outputs(model, answers), answers.floats("y")), allowed));
  }
}
