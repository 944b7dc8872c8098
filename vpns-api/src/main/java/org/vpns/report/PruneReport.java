package org.vpns.report;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.gson.annotations.JsonAdapter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;
import org.vpns.internal.io.AtomicFiles;
import org.vpns.internal.io.InputFile;
import org.vpns.internal.io.TextFile;

/**
 * All that a run has to tell, as plain values.
 *
 * @param recipe name of the method, such as {@code VPNs}; equal for runs that differ by seed only
 * @param sparsity fraction removed, as a decimal numeral
 * @param seed the run's seed
 * @param prunable number of prunable weights
 * @param kept of these kept
 * @param parameters trainable parameters of the network, all kinds
 * @param layers per prunable tensor, in definition order
 * @param dense accuracy before anything was pruned; null without test images
 * @param pruned accuracy with the mask, before any weight was tuned; null without test images
 * @param tuned accuracy at the end; null without test images
 * @param stages what each stage cost
 * @param mapping target class to source logits
 * @param prompt the learned prompt; null without one
 * @param warnings in words: emptied layers and the like
 * @param provenance options, data fingerprint, versions: where the result came from
 * @param trainingImages images that an epoch of training shows; null in older reports
 * @param macs multiply-adds of the dense network for one image; null in older reports, and where no
 *     module on the class path knows the network's graph
 * @param keptMacs these without the ones with removed weights; null as {@code macs}
 * @param denseBytes bytes that the file of the weights would take with the removed ones in it; null
 *     until the result is saved
 * @param savedBytes bytes that weights, mask and prompt take on disk; null until the result is
 *     saved
 * @param channels channels that had left the network before the run; null if none had
 */
public record PruneReport(
    String recipe,
    String sparsity,
    long seed,
    long prunable,
    long kept,
    long parameters,
    List<LayerRecord> layers,
    @Nullable Accuracy dense,
    @Nullable Accuracy pruned,
    @Nullable Accuracy tuned,
    List<StageRecord> stages,
    int[][] mapping,
    @Nullable PromptRecord prompt,
    List<String> warnings,
    Map<String, String> provenance,
    @JsonAdapter(value = OmittedIfNull.class, nullSafe = false) @Nullable Long trainingImages,
    @JsonAdapter(value = OmittedIfNull.class, nullSafe = false) @Nullable Long macs,
    @JsonAdapter(value = OmittedIfNull.class, nullSafe = false) @Nullable Long keptMacs,
    @JsonAdapter(value = OmittedIfNull.class, nullSafe = false) @Nullable Long denseBytes,
    @JsonAdapter(value = OmittedIfNull.class, nullSafe = false) @Nullable Long savedBytes,
    @JsonAdapter(value = OmittedIfNull.class, nullSafe = false) @Nullable ChannelRecord channels) {
  /** Copies lists and map. */
  public PruneReport {
    Problem.given(recipe, "new PruneReport", "recipe");
    Problem.given(sparsity, "new PruneReport", "sparsity");
    layers = ImmutableList.copyOf(Problem.givenEach(layers, "new PruneReport", "layers"));
    stages = ImmutableList.copyOf(Problem.givenEach(stages, "new PruneReport", "stages"));
    Problem.givenEach(mapping, "new PruneReport", "mapping");
    warnings = ImmutableList.copyOf(Problem.givenEach(warnings, "new PruneReport", "warnings"));
    provenance =
        ImmutableMap.copyOf(Problem.givenEach(provenance, "new PruneReport", "provenance"));
  }

  /** Entry of the provenance of a run that a listener stopped: where. */
  public static final String STOPPED = "stopped";

  /** Some three million losses: longer than any run tells. */
  private static final int MAX_BYTES = 1 << 26;

  /** A report without counts of multiply-adds and bytes, of a network with all its channels. */
  public PruneReport(
      String recipe,
      String sparsity,
      long seed,
      long prunable,
      long kept,
      long parameters,
      List<LayerRecord> layers,
      @Nullable Accuracy dense,
      @Nullable Accuracy pruned,
      @Nullable Accuracy tuned,
      List<StageRecord> stages,
      int[][] mapping,
      @Nullable PromptRecord prompt,
      List<String> warnings,
      Map<String, String> provenance,
      @Nullable Long trainingImages) {
    this(
        recipe,
        sparsity,
        seed,
        prunable,
        kept,
        parameters,
        layers,
        dense,
        pruned,
        tuned,
        stages,
        mapping,
        prompt,
        warnings,
        provenance,
        trainingImages,
        null,
        null,
        null,
        null,
        null);
  }

  /**
   * The same with multiply-adds for one image.
   *
   * @param dense of the network with all weights
   * @param kept without those with removed weights
   */
  public PruneReport multiplyAdds(long dense, long kept) {
    return with(stages, warnings, provenance, dense, kept, denseBytes, savedBytes, channels);
  }

  /**
   * The same with bytes on disk.
   *
   * @param dense of the file of the weights with the removed ones in it
   * @param saved of weights, mask and prompt
   */
  public PruneReport bytes(long dense, long saved) {
    return with(stages, warnings, provenance, macs, keptMacs, dense, saved, channels);
  }

  /** The same with another entry of the provenance, or with that entry replaced. */
  public PruneReport provenance(String name, String value) {
    Problem.given(name, "PruneReport.provenance", "name");
    Problem.given(value, "PruneReport.provenance", "value");
    Map<String, String> more = new LinkedHashMap<>(provenance);
    more.put(name, value);
    return with(stages, warnings, more, macs, keptMacs, denseBytes, savedBytes, channels);
  }

  /** The same of a network that these channels had left before. */
  public PruneReport channels(ChannelRecord left) {
    Problem.given(left, "PruneReport.channels", "left");
    return with(stages, warnings, provenance, macs, keptMacs, denseBytes, savedBytes, left);
  }

  /**
   * The same behind a run that found its mask: with that one's stages and warnings before its own,
   * so that costs are those of both. Its images count as this one's in {@link #epochs()}.
   */
  public PruneReport after(PruneReport finding) {
    Problem.given(finding, "PruneReport.after", "finding");
    return with(
        joined(finding.stages, stages),
        joined(finding.warnings, warnings),
        provenance,
        macs,
        keptMacs,
        denseBytes,
        savedBytes,
        channels);
  }

  private static <T> List<T> joined(List<T> first, List<T> last) {
    return Stream.concat(first.stream(), last.stream()).toList();
  }

  private PruneReport with(
      List<StageRecord> stages,
      List<String> warnings,
      Map<String, String> provenance,
      @Nullable Long macs,
      @Nullable Long keptMacs,
      @Nullable Long denseBytes,
      @Nullable Long savedBytes,
      @Nullable ChannelRecord channels) {
    return new PruneReport(
        recipe,
        sparsity,
        seed,
        prunable,
        kept,
        parameters,
        layers,
        dense,
        pruned,
        tuned,
        stages,
        mapping,
        prompt,
        warnings,
        provenance,
        trainingImages,
        macs,
        keptMacs,
        denseBytes,
        savedBytes,
        channels);
  }

  /** Fraction of the prunable weights that is kept, 0 to 1; 1 where there are none. */
  public double density() {
    return ReportText.density(kept, prunable);
  }

  /** What training cost, all stages. */
  public Cost training() {
    return stages.stream().map(StageRecord::training).reduce(Cost.NONE, Cost::plus);
  }

  /**
   * What finding and moving masks cost, all stages; nothing where an older report does not tell.
   */
  public Cost scoring() {
    return stages.stream()
        .map(stage -> stage.scoring() == null ? Cost.NONE : stage.scoring())
        .reduce(Cost.NONE, Cost::plus);
  }

  /** What training and masks cost together. */
  public Cost cost() {
    return training().plus(scoring());
  }

  /**
   * How many passes over the training images training amounts to: images of its gradient steps
   * divided by training images. An iteration of two passes counts twice. Null in older reports.
   */
  public @Nullable Double epochs() {
    return trainingImages == null ? null : (double) images() / trainingImages;
  }

  /** Gradient steps of training, all stages. */
  public long gradientSteps() {
    return stages.stream().mapToLong(StageRecord::gradientSteps).sum();
  }

  /** Images that went through gradient steps of training, all stages. */
  public long images() {
    return stages.stream().mapToLong(StageRecord::images).sum();
  }

  /** Wall time of training in seconds, all stages. */
  public double seconds() {
    return stages.stream().mapToDouble(StageRecord::seconds).sum();
  }

  /**
   * The report as indented JSON that {@link #fromJson} reads back to an equal report: fields in the
   * order of the components, numbers to the last bit, values that are not finite as strings.
   */
  public String toJson() {
    return ReportJson.write(this);
  }

  /**
   * Reads what {@link #toJson} wrote; unknown fields are passed over.
   *
   * @throws IllegalArgumentException if the text is not JSON, or a field is missing or of the wrong
   *     type
   */
  public static PruneReport fromJson(String json) {
    Problem.given(json, "PruneReport.fromJson", "json");
    return ReportJson.read(json, "PruneReport.fromJson", "give the text that toJson wrote");
  }

  /**
   * Writes {@link #toJson} in UTF-8; an existing file is replaced as a whole or not at all.
   *
   * @throws IOException if the file cannot be written
   */
  public void write(Path file) throws IOException {
    Problem.given(file, "PruneReport.write", "file");
    AtomicFiles.writeText(file, toJson());
  }

  /**
   * Reads a file that {@link #write} wrote.
   *
   * @throws IOException if the file cannot be read, is longer than 64 MiB, or is not a report
   */
  public static PruneReport read(Path file) throws IOException {
    Problem.given(file, "PruneReport.read", "file");
    String json = TextFile.read(InputFile.require(file, "a report"), MAX_BYTES);
    try {
      return ReportJson.read(json, file.toString(), "save the result or the report again");
    } catch (IllegalArgumentException e) {
      throw new IOException(e.getMessage(), e);
    }
  }

  /**
   * Makes sure that the report is one of a certain run, whose place it is to take.
   *
   * @param identity what that run depends on, as {@code Trainer.identity} tells it
   * @param where the report comes from, for the message
   * @return this report
   * @throws IllegalStateException if an entry differs from the provenance, or the run was stopped
   */
  public PruneReport requireRunOf(Map<String, String> identity, Path where) {
    Problem.givenEach(identity, "PruneReport.requireRunOf", "identity");
    Problem.given(where, "PruneReport.requireRunOf", "where");
    identity.forEach(
        (name, value) -> {
          String found = provenance.getOrDefault(name, "nothing");
          if (!found.equals(value)) {
            throw Problem.state(
                "report of another run",
                where + ", " + name,
                "'" + value + "'",
                "'" + found + "'",
                "go on with the options it was made with, or choose another folder");
          }
        });
    if (provenance.containsKey(STOPPED)) {
      throw Problem.state(
          "report of a run that was stopped",
          where.toString(),
          "a run that came to its end",
          "one stopped in " + provenance.get(STOPPED),
          "delete the file to make the run again");
    }
    return this;
  }

  /**
   * The report as lines for a console: what was kept in each layer and in all, multiply-adds and
   * bytes before and after, channels that had left, accuracy of the dense, pruned and tuned network
   * in percent, cost of each stage, warnings.
   */
  public String summary() {
    return ReportText.summary(this);
  }

  /**
   * The report as one line: weights kept, multiply-adds before and after, accuracy of the dense,
   * pruned and tuned network, cost.
   */
  public String line() {
    return ReportText.line(this);
  }

  /** {@link #line()}; {@link #toJson()} tells all. */
  @Override
  public String toString() {
    return line();
  }

  /** Equal in every component, the arrays by their content. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof PruneReport that
        && seed == that.seed
        && prunable == that.prunable
        && kept == that.kept
        && parameters == that.parameters
        && recipe.equals(that.recipe)
        && sparsity.equals(that.sparsity)
        && layers.equals(that.layers)
        && Objects.equals(dense, that.dense)
        && Objects.equals(pruned, that.pruned)
        && Objects.equals(tuned, that.tuned)
        && stages.equals(that.stages)
        && Arrays.deepEquals(mapping, that.mapping)
        && Objects.equals(prompt, that.prompt)
        && warnings.equals(that.warnings)
        && provenance.equals(that.provenance)
        && Objects.equals(trainingImages, that.trainingImages)
        && Objects.equals(macs, that.macs)
        && Objects.equals(keptMacs, that.keptMacs)
        && Objects.equals(denseBytes, that.denseBytes)
        && Objects.equals(savedBytes, that.savedBytes)
        && Objects.equals(channels, that.channels);
  }

  @Override
  public int hashCode() {
    return Objects.hash(recipe, sparsity, seed, kept, layers, tuned, Arrays.deepHashCode(mapping));
  }
}
