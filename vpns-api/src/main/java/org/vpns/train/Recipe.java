package org.vpns.train;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.vpns.ImageInput;
import org.vpns.LabelMapping;
import org.vpns.ParameterFilter;
import org.vpns.Problem;
import org.vpns.PromptFactory;
import org.vpns.Sparsity;
import org.vpns.image.Augmentation;

/**
 * A whole procedure: method, sparsity, prompt, label mapping, image input, batch size and seed.
 * Immutable and reusable; {@link Trainer} runs it.
 */
public final class Recipe {
  private final String name;
  private final Sparsity sparsity;
  private final ImmutableList<Stage> stages;
  private final @Nullable PromptFactory prompt;
  private final LabelMapping mapping;
  private final ImageInput input;
  private final ParameterFilter filter;
  private final Augmentation augmentation;
  private final int batchSize;
  private final long seed;
  private final Collapse onCollapse;

  private Recipe(Builder builder, List<Stage> stages) {
    name = builder.name;
    sparsity = builder.sparsity;
    this.stages = ImmutableList.copyOf(stages);
    prompt = builder.prompt;
    mapping = orElse(builder.mapping, LabelMapping.identity());
    input = orElse(builder.input, ImageInput.imageNet());
    filter = orElse(builder.filter, ParameterFilter.weights());
    augmentation = orElse(builder.augmentation, Augmentation.none());
    batchSize = orElse(builder.batchSize, 256);
    seed = orElse(builder.seed, 7L);
    onCollapse = orElse(builder.onCollapse, Collapse.WARN);
  }

  private static <T> T orElse(@Nullable T value, T other) {
    return value == null ? other : value;
  }

  /** A builder for a method at a sparsity. */
  public static Builder of(Pruner pruner, Sparsity sparsity) {
    return new Builder(pruner.name(), sparsity, pruner.stages(sparsity));
  }

  /** A builder for stages of one's own. */
  public static Builder of(String name, Sparsity sparsity, Stage... stages) {
    return new Builder(name, sparsity, List.of(stages));
  }

  /** Name of the method. */
  public String name() {
    return name;
  }

  /** Fraction removed. */
  public Sparsity sparsity() {
    return sparsity;
  }

  /** The stages. */
  public List<Stage> stages() {
    return stages;
  }

  /** The prompt, or null. */
  public @Nullable PromptFactory prompt() {
    return prompt;
  }

  /** The label mapping. */
  public LabelMapping mapping() {
    return mapping;
  }

  /** How images are placed on the canvas. */
  public ImageInput input() {
    return input;
  }

  /** Which parameters are prunable. */
  public ParameterFilter filter() {
    return filter;
  }

  /** Augmentation of augmented passes. */
  public Augmentation augmentation() {
    return augmentation;
  }

  /** Images per gradient step. */
  public int batchSize() {
    return batchSize;
  }

  /** The seed from which every random choice descends. */
  public long seed() {
    return seed;
  }

  /** What happens when a mask leaves no way through the network. */
  public Collapse onCollapse() {
    return onCollapse;
  }

  /**
   * Gradient steps that the recipe takes, all stages and passes: what a run of it costs.
   *
   * @param images training images, those set aside for validation not counted
   */
  public long gradientSteps(long images) {
    long perEpoch = (images + batchSize - 1) / batchSize;
    return stages.stream()
        .mapToLong(stage -> stage.iterations(perEpoch) * stage.passes().size())
        .sum();
  }

  /** All options by name, in words; two runs with equal options and seed are equal. */
  public Map<String, String> options() {
    Map<String, String> options = new LinkedHashMap<>();
    options.put("recipe", name);
    options.put("sparsity", sparsity.toString());
    options.put("seed", Long.toString(seed));
    options.put("prompt", prompt == null ? "none" : prompt.describe());
    options.put("mapping", mapping.describe());
    options.put("input", input.toString());
    options.put("prunable", filter.toString());
    options.put("augmentation", augmentation.describe());
    options.put("batch size", Integer.toString(batchSize));
    options.put("on collapse", onCollapse.name());
    for (int i = 0; i < stages.size(); i++) {
      options.put(optionName(i, stages.get(i)), stages.get(i).describe());
    }
    return options;
  }

  /** Under which name a stage stands among the options. */
  static String optionName(int index, Stage stage) {
    return "stage " + (index + 1) + " " + stage.name();
  }

  @Override
  public String toString() {
    return name + " " + sparsity;
  }

  /** Collects the options of a recipe; each may be set once. */
  public static final class Builder {
    private String name;
    private final Sparsity sparsity;
    private List<Stage> stages;
    private boolean renamed;
    private boolean resized;
    private @Nullable PromptFactory prompt;
    private @Nullable Distillation distillation;
    private @Nullable LabelMapping mapping;
    private @Nullable ImageInput input;
    private @Nullable ParameterFilter filter;
    private @Nullable Augmentation augmentation;
    private @Nullable Integer batchSize;
    private @Nullable Long seed;
    private @Nullable Collapse onCollapse;

    private Builder(String name, Sparsity sparsity, List<Stage> stages) {
      this.name = name;
      this.sparsity = sparsity;
      this.stages = stages;
    }

    /** Another name in reports; default: the method's. */
    public Builder name(String newName) {
      once("name", renamed ? name : null, newName);
      renamed = true;
      name = newName;
      return this;
    }

    /** The visual prompt; required by stages with prompted passes. */
    public Builder prompt(PromptFactory factory) {
      once("prompt", prompt == null ? null : prompt.describe(), factory.describe());
      prompt = factory;
      return this;
    }

    /** The label mapping; default identity. */
    public Builder mapping(LabelMapping newMapping) {
      once("mapping", mapping == null ? null : mapping.describe(), newMapping.describe());
      mapping = newMapping;
      return this;
    }

    /** Canvas, image size and normalisation; default ImageNet's. */
    public Builder input(ImageInput newInput) {
      once("input", input, newInput);
      input = newInput;
      return this;
    }

    /**
     * Lets the network as it is before pruning teach the last stage that trains weights; default:
     * the labels alone.
     */
    public Builder distil(Distillation newDistillation) {
      once("distil", distillation, newDistillation);
      distillation = newDistillation;
      return this;
    }

    /** Which parameters are prunable; default: convolution and linear weights. */
    public Builder prunable(ParameterFilter newFilter) {
      once("prunable", filter, newFilter);
      filter = newFilter;
      return this;
    }

    /** Augmentation of training images; default none. */
    public Builder augmentation(Augmentation newAugmentation) {
      once(
          "augmentation",
          augmentation == null ? null : augmentation.describe(),
          newAugmentation.describe());
      augmentation = newAugmentation;
      return this;
    }

    /** Images per gradient step, at least 1; default 256. */
    public Builder batchSize(int images) {
      once("batchSize", batchSize, images);
      if (images < 1) {
        throw Problem.argument(
            "batch without images", "Recipe.batchSize", "at least 1", images, "use 32 or more");
      }
      batchSize = images;
      return this;
    }

    /** The seed; default 7. */
    public Builder seed(long newSeed) {
      once("seed", seed, newSeed);
      seed = newSeed;
      return this;
    }

    /**
     * What happens when a mask leaves no way through the network; default {@link Collapse#WARN}.
     */
    public Builder onCollapse(Collapse newPolicy) {
      once("onCollapse", onCollapse, newPolicy);
      onCollapse = newPolicy;
      return this;
    }

    /**
     * Other lengths for the stages, one each.
     *
     * @throws IllegalArgumentException if there are not as many lengths as stages
     */
    public Builder lengths(Length... lengths) {
      once("lengths", resized ? "lengths" : null, List.of(lengths));
      if (lengths.length != stages.size()) {
        throw Problem.argument(
            "wrong number of stage lengths",
            "Recipe " + name,
            stages.size() + " for stages " + stages.stream().map(Stage::name).toList(),
            lengths.length,
            "give each stage its length");
      }
      resized = true;
      List<Stage> sized = new ArrayList<>();
      for (int i = 0; i < lengths.length; i++) {
        sized.add(stages.get(i).length(lengths[i]));
      }
      stages = sized;
      return this;
    }

    /** Other lengths for the stages, in epochs. */
    public Builder epochs(int... epochs) {
      return lengths(Arrays.stream(epochs).mapToObj(Length::epochs).toArray(Length[]::new));
    }

    /** Other lengths for the stages, in iterations. */
    public Builder iterations(long... iterations) {
      return lengths(Arrays.stream(iterations).mapToObj(Length::iterations).toArray(Length[]::new));
    }

    private void once(String option, @Nullable Object before, Object now) {
      if (before != null) {
        throw Problem.state(
            "option set twice",
            "Recipe." + option,
            "one value",
            before + " then " + now,
            "build two recipes to compare them");
      }
    }

    /**
     * The recipe.
     *
     * @throws IllegalStateException if there is no stage, sparsity is 1, or prompt and passes
     *     contradict each other
     */
    public Recipe build() {
      if (stages.isEmpty()) {
        throw Problem.state(
            "recipe without stages", "Recipe " + name, "at least 1 stage", 0, "add a stage");
      }
      if (sparsity.density().signum() == 0) {
        throw Problem.state(
            "nothing left to train",
            "Recipe " + name,
            "sparsity below 1",
            sparsity,
            "keep some weights");
      }
      boolean used = stages.stream().anyMatch(Stage::usesPrompt);
      if (used && prompt == null) {
        throw Problem.state(
            "prompt missing",
            "Recipe " + name,
            "a visual prompt for its prompted passes",
            "none",
            "call prompt, for example with Prompts.pad(16)");
      }
      if (!used && prompt != null) {
        throw Problem.state(
            "prompt never used",
            "Recipe " + name,
            "a stage with a prompted pass",
            prompt.describe(),
            "mount the prompt in a stage or leave it out");
      }
      return new Recipe(this, distillation == null ? stages : taught(distillation));
    }

    private List<Stage> taught(Distillation by) {
      List<Stage> taught = new ArrayList<>(stages);
      int last = taught.size() - 1;
      while (last >= 0 && !taught.get(last).movesWeights()) {
        last--;
      }
      if (last < 0) {
        throw Problem.state(
            "nothing to teach",
            "Recipe " + name,
            "a stage that trains weights",
            stages.stream().map(Stage::name).toList(),
            "leave out distil");
      }
      taught.set(last, taught.get(last).distil(by));
      return taught;
    }
  }
}
