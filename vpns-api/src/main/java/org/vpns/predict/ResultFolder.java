package org.vpns.predict;

import ai.djl.Model;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Block;
import ai.djl.nn.SymbolBlock;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.ServiceLoader;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.vpns.ImageInput;
import org.vpns.LabelAssignment;
import org.vpns.MaskSet;
import org.vpns.ParameterFilter;
import org.vpns.ParameterPaths;
import org.vpns.Problem;
import org.vpns.VisualPrompt;
import org.vpns.internal.io.AtomicFiles;
import org.vpns.internal.io.AtomicFolder;
import org.vpns.internal.io.FolderReading;
import org.vpns.internal.network.Engines;
import org.vpns.internal.network.Network;
import org.vpns.internal.network.RemovedWeights;
import org.vpns.internal.network.ScriptModules;
import org.vpns.internal.network.StoredShapes;
import org.vpns.internal.predict.NetworkNote;
import org.vpns.internal.predict.NetworkText;
import org.vpns.internal.predict.PackedFormat;
import org.vpns.internal.predict.ResultDescription;
import org.vpns.internal.predict.ResultFiles;
import org.vpns.io.FormatException;
import org.vpns.io.MaskFile;
import org.vpns.report.PruneReport;
import org.vpns.spi.ReportPage;

/** The files of a {@link PrunedModel}; docs/result-format.md describes them. */
final class ResultFolder {
  /** What a block says whose number of outputs follows from values. */
  private static final String OPEN = "any number";

  private ResultFolder() {}

  /** Writes the folder; gives the report that it holds, which tells the bytes of the others. */
  static PruneReport write(PrunedModel pruned, Path target) throws IOException {
    RemovedWeights.requireZero(pruned.model(), pruned.masks());
    List<ReportPage> pages = pages(pruned.report());
    Set<String> names = new LinkedHashSet<>();
    names.add(ResultFiles.PAGE); // perhaps of an earlier save, when there was a page for it
    pages.forEach(page -> names.add(page.fileName()));
    names.addAll(ResultFiles.ALL);
    PruneReport[] report = {pruned.report()};
    AtomicFolder.of(names.toArray(String[]::new))
        .write(target, folder -> report[0] = writeFiles(pruned, pages, folder));
    return report[0];
  }

  /** Those on the class path, each with a file of its own. */
  private static List<ReportPage> pages(PruneReport report) {
    List<ReportPage> pages = new ArrayList<>();
    Set<String> taken = new HashSet<>(ResultFiles.ALL);
    for (ReportPage page : ServiceLoader.load(ReportPage.class)) {
      String name =
          Problem.given(
              page.fileName(), page.getClass().getName(), "what ReportPage.fileName gives");
      if (!name.matches("\\w[\\w.-]*") || !taken.add(name)) {
        throw Problem.state(
            "page without a file of its own",
            page.getClass().getName(),
            "a file name that no other file of the result has, such as report.txt",
            name,
            "give it another name, or leave one of the pages off the class path");
      }
      pages.add(page);
    }
    return report.tuned() == null ? List.of() : pages;
  }

  private static PruneReport writeFiles(PrunedModel pruned, List<ReportPage> pages, Path folder)
      throws IOException {
    ByteArrayOutputStream masks = new ByteArrayOutputStream();
    MaskFile.of(pruned.masks()).write(masks);
    AtomicFiles.write(folder.resolve(ResultFiles.MASKS), masks::writeTo);
    NetworkNote note = null;
    try (Network network = Network.open(pruned.model(), pruned.filter())) {
      byte[] module = network.isScript() ? network.snapshot().module() : null;
      if (module != null) {
        AtomicFiles.write(folder.resolve(ResultFiles.MODULE), out -> out.write(module));
        note = new NetworkNote(NetworkNote.MODULE, PackedFormat.checksum(module), null);
      } else {
        StoredWeights.write(
            network.paths(),
            pruned.masks(),
            PackedFormat.checksum(masks.toByteArray()),
            folder.resolve(ResultFiles.WEIGHTS));
      }
    }
    if (note == null) {
      note =
          NetworkFile.write(
              pruned.model().getBlock(), pruned.input(), pruned.model().getNDManager(), folder);
    }
    VisualPrompt prompt = pruned.prompt();
    if (prompt != null) {
      PromptFile.save(prompt, folder.resolve(ResultFiles.PROMPT));
    }
    PruneReport report = measured(pruned, folder);
    report.write(folder.resolve(ResultFiles.REPORT));
    for (ReportPage page : pages) {
      page.write(report, folder.resolve(page.fileName()));
    }
    ResultDescription.of(
            pruned.input(), pruned.mapping(), pruned.classNames(), prompt != null, note)
        .write(folder);
    return report;
  }

  /** The report with the bytes of the files that hold the network. */
  private static PruneReport measured(PrunedModel pruned, Path folder) throws IOException {
    long saved = 0;
    for (String name :
        List.of(ResultFiles.WEIGHTS, ResultFiles.MODULE, ResultFiles.MASKS, ResultFiles.PROMPT)) {
      Path file = folder.resolve(name);
      saved += Files.exists(file) ? Files.size(file) : 0;
    }
    Path packed = folder.resolve(ResultFiles.WEIGHTS);
    long removed = pruned.masks().size() - pruned.masks().kept();
    long dense =
        Files.exists(packed)
            ? Files.size(packed) + Float.BYTES * removed
            : Files.size(folder.resolve(ResultFiles.MODULE));
    return pruned.report().bytes(dense, saved);
  }

  /**
   * Into a model of its own, which the result closes.
   *
   * @param trusted whether a TorchScript module may run
   */
  static PrunedModel read(Path folder, boolean trusted) throws IOException {
    ResultFiles.requireFolder(folder);
    return FolderReading.of(
        folder, ResultDescription.NAME, check -> readAlone(folder, trusted, check));
  }

  private static PrunedModel readAlone(Path folder, boolean trusted, FolderReading.Check check)
      throws IOException {
    ResultDescription description = ResultFiles.description(folder);
    boolean script = requireFiles(folder, description, trusted);
    MaskSet masks = MaskFile.read(folder.resolve(ResultFiles.MASKS)).masks();
    Model model = Engines.newModel("pruned");
    try {
      if (script) {
        loadModule(folder, description, model);
      } else {
        if (description.network() != null && description.network().format() != null) {
          ResultFiles.requireFile(folder, NetworkText.NAME);
        }
        StoredShapes stored =
            StoredWeights.shapes(folder.resolve(ResultFiles.WEIGHTS), masks, description.isDense());
        model.setBlock(
            NetworkFile.read(model.getNDManager(), folder, description.network(), stored));
      }
      return read(folder, model, description, masks, script, true, check);
    } catch (IllegalArgumentException e) {
      model.close();
      // There is no network of the caller's that could be the wrong one.
      throw new FormatException(
              "result folder damaged",
              folder.toString(),
              "files of one result",
              "(" + String.valueOf(e.getMessage()).replaceFirst("\\.$", "") + ")",
              "save the result again")
          .causedBy(e);
    } catch (Throwable e) {
      model.close();
      throw e;
    }
  }

  /** Into a model of the caller's. */
  static PrunedModel read(Path folder, Model model, boolean trusted) throws IOException {
    ResultFiles.requireFolder(folder);
    return FolderReading.of(
        folder, ResultDescription.NAME, check -> readInto(folder, model, trusted, check));
  }

  private static PrunedModel readInto(
      Path folder, Model model, boolean trusted, FolderReading.Check check) throws IOException {
    ResultDescription description = ResultFiles.description(folder);
    boolean script = requireFiles(folder, description, trusted);
    MaskSet masks = MaskFile.read(folder.resolve(ResultFiles.MASKS)).masks();
    Block before = model.getBlock();
    if (!script) {
      return read(folder, model, description, masks, false, false, check);
    }
    if (before != null && !(before instanceof SymbolBlock)) {
      throw Problem.argument(
          "network of another kind",
          folder.toString(),
          "a model without block, as the folder holds a TorchScript module",
          before.getClass().getSimpleName(),
          "load it into Model.newInstance(name)");
    }
    Runnable end = loadModule(folder, description, model);
    try {
      return read(folder, model, description, masks, true, false, check);
    } catch (Throwable e) {
      model.setBlock(before);
      end.run();
      throw e;
    }
  }

  /** Whether the folder, which must be complete, holds a TorchScript module. */
  private static boolean requireFiles(Path folder, ResultDescription description, boolean trusted)
      throws IOException {
    boolean script = isModule(folder, description.network());
    for (String name :
        List.of(
            ResultFiles.MASKS,
            ResultFiles.REPORT,
            script ? ResultFiles.MODULE : ResultFiles.WEIGHTS)) {
      ResultFiles.requireFile(folder, name);
    }
    if (script && !trusted) {
      throw new IOException(
          Problem.message(
              "result folder holds code",
              folder.resolve(ResultFiles.MODULE).toString(),
              "a network that is data alone",
              "a TorchScript module, which can do what any program can when it runs",
              "load it with PrunedModel.loadTrusted if you trust those who wrote it"));
    }
    return script;
  }

  private static boolean isModule(Path folder, @Nullable NetworkNote note) {
    // what was written before model.json spoke of modules has no other weights then
    return note == null
        ? Files.exists(folder.resolve(ResultFiles.MODULE))
            && !Files.exists(folder.resolve(ResultFiles.WEIGHTS))
        : NetworkNote.MODULE.equals(note.format());
  }

  /** What ends the module before the model ends. */
  private static Runnable loadModule(Path folder, ResultDescription description, Model model)
      throws IOException {
    Path file = folder.resolve(ResultFiles.MODULE);
    byte[] module = Files.readAllBytes(file);
    NetworkNote note = description.network();
    if (note != null) {
      String found = PackedFormat.checksum(module);
      if (!found.equals(note.crc32())) {
        throw new FormatException(
            "TorchScript module cannot be read",
            file.toString(),
            "checksum " + note.crc32(),
            found,
            "use files of one result, or save it again");
      }
    }
    return ScriptModules.load(module, file, model);
  }

  private static PrunedModel read(
      Path folder,
      Model model,
      ResultDescription description,
      MaskSet masks,
      boolean script,
      boolean owned,
      FolderReading.Check check)
      throws IOException {
    if (description.prompt()) {
      ResultFiles.requireFile(folder, ResultFiles.PROMPT);
    }
    ImageInput input = description.toInput();
    LabelAssignment mapping = description.toMapping();
    PruneReport report = PruneReport.read(folder.resolve(ResultFiles.REPORT));
    ParameterFilter filter = ParameterFilter.paths(masks.asMap().keySet());
    requireMaskedParameters(model.getBlock(), masks, folder);
    NDManager promptManager = model.getNDManager().newSubManager();
    try (Network network = Network.open(model, filter)) {
      masks.requireFits(network.layout());
      StoredWeights weights = null;
      if (script) {
        requireMasked(network, masks, folder.resolve(ResultFiles.MODULE));
      } else {
        String checksum =
            PackedFormat.checksum(Files.readAllBytes(folder.resolve(ResultFiles.MASKS)));
        weights =
            StoredWeights.read(
                folder.resolve(ResultFiles.WEIGHTS),
                network,
                masks,
                checksum,
                description.isDense());
      }
      requireOutputs(network, input, description.sources(), owned, folder);
      VisualPrompt prompt =
          description.prompt()
              ? PromptFile.load(promptManager, folder.resolve(ResultFiles.PROMPT))
              : null;
      check.requireSame();
      if (weights != null) {
        weights.into(network);
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
          promptManager,
          owned);
    } catch (Throwable e) {
      promptManager.close();
      throw e;
    }
  }

  /** A network without the parameters that masks are of is none that was pruned. */
  private static void requireMaskedParameters(@Nullable Block block, MaskSet masks, Path folder) {
    if (block != null) {
      ParameterPaths paths = ParameterPaths.of(block);
      List<String> missing =
          masks.asMap().keySet().stream().filter(path -> paths.find(path) == null).toList();
      if (!missing.isEmpty()) {
        throw Problem.argument(
            "network of another architecture",
            folder.toString(),
            "the " + masks.asMap().size() + " parameters that have masks",
            "no " + Problem.listed(missing, 3),
            "make the architecture that was pruned");
      }
    }
  }

  /**
   * The shape that a block foretells is enough where it is the right one, as names and shapes of
   * all weights fit; a forward pass would take longer than the rest of loading. A module goes
   * through one in any case: it comes into evaluation mode with it. A network from the folder
   * itself goes through none: it may ask for any amount of time.
   *
   * @param described whether the block was made of the folder's description
   */
  private static void requireOutputs(
      Network network, ImageInput input, int expected, boolean described, Path folder) {
    Shape shape = new Shape(1, input.channels(), input.height(), input.width());
    boolean script = network.isScript();
    Object outputs = script ? network.outputs(shape) : foretold(network.model().getBlock(), shape);
    if (!script && !described && !outputs.equals(expected)) {
      outputs = network.outputs(shape);
    }
    if (!outputs.equals(expected) && !OPEN.equals(outputs)) {
      throw Problem.argument(
          "network of another size",
          folder.toString(),
          expected + " outputs",
          outputs,
          "make the architecture that was pruned");
    }
  }

  /**
   * How many outputs the network has by what its block says, or what it says instead: blocks may
   * leave this out, or not know before they run.
   */
  private static Object foretold(Block block, Shape input) {
    try {
      Shape[] shapes = block.getOutputShapes(new Shape[] {input});
      if (shapes.length != 1 || shapes[0].dimension() != 2 || shapes[0].get(0) != 1) {
        return Arrays.toString(shapes);
      }
      return shapes[0].get(1) < 0 ? OPEN : (int) shapes[0].get(1);
    } catch (RuntimeException e) {
      return "(" + e.getMessage() + ")";
    }
  }

  private static void requireMasked(Network network, MaskSet masks, Path file) throws IOException {
    for (int i = 0; i < network.layout().tensors(); i++) {
      String path = network.layout().path(i);
      RemovedWeights.requireZero(
          network.weight(i).toFloatArray(), masks.get(path), file + ", " + path);
    }
  }
}
