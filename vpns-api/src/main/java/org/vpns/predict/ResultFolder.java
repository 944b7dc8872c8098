package org.vpns.predict;

import ai.djl.MalformedModelException;
import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonSyntaxException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.vpns.ImageInput;
import org.vpns.LabelAssignment;
import org.vpns.Layout;
import org.vpns.Mask;
import org.vpns.MaskSet;
import org.vpns.NamedParameter;
import org.vpns.ParameterFilter;
import org.vpns.Problem;
import org.vpns.VisualPrompt;
import org.vpns.io.AtomicFiles;
import org.vpns.io.MaskFormat;
import org.vpns.io.SafeTensors;
import org.vpns.learn.Network;
import org.vpns.learn.NetworkState;
import org.vpns.report.Comparison;
import org.vpns.report.HtmlReport;
import org.vpns.report.PruneReport;

/** The files of a {@link PrunedModel}. */
final class ResultFolder {
  private static final String FORMAT = "vpns result 1";
  private static final String WEIGHTS = "weights.safetensors";
  private static final String MODULE = "network.pt";
  private static final String MASKS = "masks.vpns";
  private static final String PROMPT = "prompt.safetensors";
  private static final String MODEL = "model.json";
  private static final String REPORT = "report.json";
  private static final String PAGE = "report.html";
  private static final Gson GSON = new GsonBuilder().setPrettyPrinting().create();

  private ResultFolder() {}

  /** The contents of model.json. */
  private record Description(
      String format,
      InputRecord input,
      int sources,
      int[][] mapping,
      LabelAssignment.Reduction reduction,
      List<String> classNames,
      boolean prompt) {}

  static void write(PrunedModel pruned, Path folder) throws IOException {
    Files.createDirectories(folder);
    Model model = pruned.model();
    try (Network network = Network.open(model, pruned.filter())) {
      NetworkState state = network.snapshot();
      byte[] module = state.module();
      if (module != null) {
        AtomicFiles.write(folder.resolve(MODULE), out -> out.write(module));
      } else {
        SafeTensors.Builder weights = SafeTensors.builder().metadata("format", "pt");
        for (NamedParameter p : network.paths()) {
          float[] values = state.values().get(p.path());
          if (values != null) {
            weights.putFloats(p.path(), p.shape(), values);
          }
        }
        weights.write(folder.resolve(WEIGHTS));
      }
    }
    MaskFormat.write(pruned.masks(), folder.resolve(MASKS));
    VisualPrompt prompt = pruned.prompt();
    if (prompt != null) {
      PromptFile.save(prompt, folder.resolve(PROMPT));
    }
    Description description =
        new Description(
            FORMAT,
            InputRecord.of(pruned.input()),
            pruned.mapping().sources(),
            pruned.mapping().toArray(),
            pruned.mapping().reduction(),
            pruned.classNames(),
            prompt != null);
    PruneReport report = pruned.report();
    report.write(folder.resolve(REPORT));
    if (report.tuned() != null) {
      HtmlReport.write(
          folder.resolve(PAGE),
          report.recipe() + " at sparsity " + report.sparsity(),
          Comparison.of(List.of(report), report.recipe()),
          List.of(report));
    }

    // Last: a folder with this file is complete.
    AtomicFiles.writeText(folder.resolve(MODEL), GSON.toJson(description) + "\n");
  }

  static PrunedModel read(Path folder, Model model) throws IOException {
    Description description = description(folder.resolve(MODEL));
    ImageInput input = description.input().toInput();
    LabelAssignment mapping =
        LabelAssignment.of(description.sources(), description.mapping(), description.reduction());
    MaskSet masks = MaskFormat.read(folder.resolve(MASKS));
    PruneReport report = PruneReport.read(folder.resolve(REPORT));
    boolean script = Files.exists(folder.resolve(MODULE));
    if (script && model.getBlock() == null) {
      loadModule(folder.resolve(MODULE), model);
    }
    ParameterFilter filter = ParameterFilter.paths(masks.asMap().keySet());
    NDManager promptManager = model.getNDManager().newSubManager();
    try (Network network = Network.open(model, filter)) {
      masks.requireFits(network.layout());
      NetworkState state = script ? null : weights(folder.resolve(WEIGHTS), network);
      if (state != null) {
        requireMasked(state, masks, folder.resolve(WEIGHTS));
      }
      int outputs = network.outputs(new Shape(1, input.channels(), input.height(), input.width()));
      if (outputs != description.sources()) {
        throw Problem.argument(
            "network of another size",
            folder.toString(),
            description.sources() + " outputs",
            outputs,
            "make the architecture that was pruned");
      }
      VisualPrompt prompt =
          description.prompt() ? PromptFile.load(promptManager, folder.resolve(PROMPT)) : null;
      if (state != null) {
        network.restore(state);
      }
      return new PrunedModel(
          model,
          masks,
          input,
          prompt,
          mapping,
          description.classNames(),
          filter,
          report,
          null,
          promptManager);
    } catch (IOException | RuntimeException e) {
      promptManager.close();
      throw e;
    }
  }

  private static void loadModule(Path file, Model model) throws IOException {
    try {
      model.load(file, null, Map.of("trainParam", "true"));
    } catch (MalformedModelException e) {
      throw new IOException(
          Problem.message(
              "TorchScript module cannot be read",
              file.toString(),
              "a module",
              e.getMessage(),
              "save the result again"),
          e);
    }
  }

  private static Description description(Path file) throws IOException {
    Description found = null;
    String problem = "nothing";
    try {
      found = GSON.fromJson(Files.readString(file), Description.class);
    } catch (JsonSyntaxException e) {
      problem = String.valueOf(e.getMessage());
    }
    if (found == null || !isComplete(found)) {
      throw new IOException(
          Problem.message(
              "result folder damaged",
              file.toString(),
              FORMAT + " with input, mapping and class names",
              found == null ? problem : found.format(),
              "save the result again"));
    }
    return found;
  }

  private static boolean isComplete(Description d) {
    for (Object part : new @Nullable Object[] {d.input, d.mapping, d.reduction, d.classNames}) {
      if (part == null) {
        return false;
      }
    }
    return FORMAT.equals(d.format);
  }

  private static NetworkState weights(Path file, Network network) throws IOException {
    SafeTensors tensors = SafeTensors.read(file);
    Map<String, float[]> values = new LinkedHashMap<>();
    for (NamedParameter p : network.paths()) {
      Shape shape = p.shape();
      boolean there = tensors.contains(p.path());
      if (!there || !tensors.shape(p.path()).equals(shape)) {
        throw Problem.argument(
            there ? "weight of another shape" : "weight missing",
            file + ", " + p.path(),
            shape,
            there ? tensors.shape(p.path()) : "nothing",
            "make the architecture that was pruned");
      }
      values.put(p.path(), tensors.floats(p.path()));
    }
    for (String name : tensors.names()) {
      if (!values.containsKey(name)) {
        throw Problem.argument(
            "weight of no parameter",
            file + ", " + name,
            values.size() + " parameters",
            tensors.names().size() + " tensors",
            "make the architecture that was pruned");
      }
    }
    return new NetworkState(values, null);
  }

  private static void requireMasked(NetworkState state, MaskSet masks, Path file)
      throws IOException {
    Layout layout = masks.layout();
    for (String path : layout.paths()) {
      Mask mask = masks.get(path);
      float[] values = state.values().get(path);
      for (int i = 0; values != null && i < values.length; i++) {
        if (values[i] != 0 && !mask.isKept(i)) {
          throw new IOException(
              Problem.message(
                  "weights and masks disagree",
                  file + ", " + path + "[" + i + "]",
                  "0.0, as the mask removes it",
                  values[i],
                  "use files of one result"));
        }
      }
    }
  }
}
