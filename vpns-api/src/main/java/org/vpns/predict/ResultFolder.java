package org.vpns.predict;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.SymbolBlock;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonParseException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.vpns.ImageInput;
import org.vpns.LabelAssignment;
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
import org.vpns.learn.ScriptModules;
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
      boolean prompt) {
    ImageInput toInput() {
      return input.toInput();
    }

    LabelAssignment toMapping() {
      return LabelAssignment.of(sources, mapping, reduction);
    }

    /** What is wrong with it, or null. */
    @Nullable String problem() {
      if (!FORMAT.equals(format)) {
        return "format " + format;
      }
      List<@Nullable Object> parts = new ArrayList<>();
      Collections.addAll(parts, input, mapping, reduction, classNames);
      if (parts.contains(null)) {
        return "no input, mapping, reduction or class names";
      }
      Collections.addAll(parts, input.mean(), input.std());
      Collections.addAll(parts, (Object[]) mapping);
      parts.addAll(classNames);
      if (parts.contains(null)) {
        return "null inside";
      }
      if (classNames.size() != mapping.length) {
        return classNames.size() + " class names for " + mapping.length + " classes";
      }
      try {
        toInput();
        toMapping();
        return null;
      } catch (IllegalArgumentException e) {
        return "(" + e.getMessage() + ")";
      }
    }
  }

  static void write(PrunedModel pruned, Path folder) throws IOException {
    Files.createDirectories(folder);
    boolean script;
    try (Network network = Network.open(pruned.model(), pruned.filter())) {
      NetworkState state = network.snapshot();
      byte[] module = state.module();
      script = module != null;
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
    Files.deleteIfExists(folder.resolve(script ? WEIGHTS : MODULE));
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
    boolean script = Files.exists(folder.resolve(MODULE));
    requireFiles(folder, MODEL, MASKS, REPORT, script ? MODULE : WEIGHTS);
    Description description = description(folder.resolve(MODEL));
    if (description.prompt()) {
      requireFiles(folder, PROMPT);
    }
    Block before = model.getBlock();
    if (!script) {
      return read(folder, model, description, false);
    }
    if (before != null && !(before instanceof SymbolBlock)) {
      throw Problem.argument(
          "network of another kind",
          folder.toString(),
          "a model without block, as the folder holds a TorchScript module",
          before.getClass().getSimpleName(),
          "load it into Model.newInstance(name)");
    }
    try {
      ScriptModules.load(folder.resolve(MODULE), model);
      return read(folder, model, description, true);
    } catch (IOException | RuntimeException e) {
      model.setBlock(before);
      throw e;
    }
  }

  private static void requireFiles(Path folder, String... names) throws IOException {
    for (String name : names) {
      if (!Files.exists(folder.resolve(name))) {
        throw new IOException(
            Problem.message(
                "result folder incomplete",
                folder.resolve(name).toString(),
                "a file",
                "none",
                "pass a folder that PrunedModel.save wrote, or save the result again"));
      }
    }
  }

  private static PrunedModel read(Path folder, Model model, Description description, boolean script)
      throws IOException {
    ImageInput input = description.toInput();
    LabelAssignment mapping = description.toMapping();
    MaskSet masks = MaskFormat.read(folder.resolve(MASKS));
    PruneReport report = PruneReport.read(folder.resolve(REPORT));
    ParameterFilter filter = ParameterFilter.paths(masks.asMap().keySet());
    NDManager promptManager = model.getNDManager().newSubManager();
    try (Network network = Network.open(model, filter)) {
      masks.requireFits(network.layout());
      NetworkState state = script ? null : weights(folder.resolve(WEIGHTS), network);
      for (int i = 0; i < network.layout().tensors(); i++) {
        String path = network.layout().path(i);
        requireMasked(
            state == null ? network.weight(i).toFloatArray() : state.values().get(path),
            masks.get(path),
            folder.resolve(script ? MODULE : WEIGHTS) + ", " + path);
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

  private static Description description(Path file) throws IOException {
    String problem;
    try {
      String text = new String(Files.readAllBytes(file), StandardCharsets.UTF_8);
      Description found = GSON.fromJson(text, Description.class);
      problem = found == null ? "nothing" : found.problem();
      if (found != null && problem == null) {
        return found;
      }
    } catch (JsonParseException e) {
      Throwable reason = e.getCause() == null ? e : e.getCause();
      problem =
          "no JSON of it ("
              + String.valueOf(reason.getMessage()).lines().findFirst().orElse("")
              + ")";
    }
    throw new IOException(
        Problem.message(
            "result folder damaged",
            file.toString(),
            FORMAT + " with input, mapping and class names",
            problem,
            "save the result again"));
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

  private static void requireMasked(float @Nullable [] values, Mask mask, String where)
      throws IOException {
    for (int i = 0; values != null && i < values.length; i++) {
      if (values[i] != 0 && !mask.isKept(i)) {
        throw new IOException(
            Problem.message(
                "weights and masks disagree",
                where + "[" + i + "]",
                "0.0, as the mask removes it",
                values[i],
                "use files of one result"));
      }
    }
  }
}
