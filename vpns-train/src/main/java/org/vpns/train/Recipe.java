package org.vpns.train;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
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
  private final Stages stages;
  private final @Nullable PromptFactory prompt;
  private final LabelMapping mapping;
  private final ImageInput input;
  private final boolean describesInput;
  private final ImageInput plainInput;
  private final ParameterFilter filter;
  private final Augmentation augmentation;
  private final int batchSize;
  private final long seed;
  private final Collapse onCollapse;

  private Recipe(Builder builder, String name, List<Stage> stages) {
    this.name = name;
    sparsity = builder.sparsity;
    this.stages = Stages.of(stages);
    prompt = builder.prompt;
    mapping = orElse(builder.mapping, LabelMapping.identity());
    input = orElse(builder.input, ImageInput.imageNet());
    describesInput = builder.input != null;
    plainInput = orElse(builder.plainInput, input);
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
    Problem.given(pruner, "Recipe.of", "pruner");
    Problem.given(sparsity, "Recipe.of", "sparsity");
    String name =
        Problem.given(pruner.name(), pruner.getClass().getName(), "what Pruner.name gives");
    List<Stage> stages =
        Problem.givenEach(pruner.stages(sparsity), "pruner " + name, "what Pruner.stages gives");
    return new Builder(name, sparsity, stages);
  }

  /** A builder for stages of one's own. */
  public static Builder of(String name, Sparsity sparsity, Stage... stages) {
    Problem.given(name, "Recipe.of", "name");
    Problem.given(sparsity, "Recipe.of", "sparsity");
    Problem.givenEach(stages, "Recipe.of", "stages");
    return new Builder(name, sparsity, List.of(stages));
  }

  /** A builder that begins with this recipe's options and stages; each may be replaced once. */
  public Builder toBuilder() {
    return new Builder(name, sparsity, stages).like(this);
  }

  /** Name of the method. */
  public String name() {
    return name;
  }

  /** Fraction removed. */
  public Sparsity sparsity() {
    return sparsity;
  }

  /** The stages in their order; cannot be changed. */
  public List<Stage> stages() {
    return stages;
  }

  /** Which is the last stage that trains weights under a mask that stays; empty if none does. */
  public OptionalInt tuning() {
    return stages.tuning();
  }

  /** The prompt, or null. */
  public @Nullable PromptFactory prompt() {
    return prompt;
  }

  /** The label mapping. */
  public LabelMapping mapping() {
    return mapping;
  }

  /** How images are placed on the canvas, under the prompt if there is one. */
  public ImageInput input() {
    return input;
  }

  /** Whether the input was given, or is the default. */
  boolean describesInput() {
    return describesInput;
  }

  /** How images without prompt are placed on the canvas. */
  public ImageInput plainInput() {
    return plainInput;
  }

  /** Whether the network that comes out is made for images with the prompt. */
  public boolean endsPrompted() {
    return stages.endPrompted();
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
   * Gradient steps that the recipe takes in training, all stages and passes; those that scores take
   * are in the report of a run. A last batch of one image counts as a batch, which it is not where
   * the network cannot train on one: {@link Trainer#gradientSteps} looks at the network.
   *
   * @param images training images, those set aside for validation not counted
   */
  public long gradientSteps(long images) {
    return stepsOf((images + batchSize - 1) / batchSize);
  }

  /** The same for epochs of so many batches. */
  long stepsOf(long perEpoch) {
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
    if (!plainInput.equals(input)) {
      options.put("plain input", plainInput.toString());
    }
    options.put("prunable", filter.toString());
    options.put("augmentation", augmentation.describe());
    options.put("batch size", Integer.toString(batchSize));
    options.put("on collapse", onCollapse.name());
    for (int i = 0; i < stages.size(); i++) {
      options.put(optionName(i, stages.get(i)), stages.get(i).describe());
    }
    // parts of other authors describe themselves
    return Problem.givenEach(options, "recipe " + name, "options");
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
    private final Map<String, Object> given = new HashMap<>();
    private List<Stage> stages;
    private @Nullable PromptFactory prompt;
    private @Nullable Mount mount;
    private @Nullable Distillation distillation;
    private @Nullable Integer patience;
    private boolean freezeStatistics;
    private @Nullable LabelMapping mapping;
    private @Nullable ImageInput input;
    private @Nullable ImageInput plainInput;
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

    /**
     * Begins with another recipe's options: all but its name, its sparsity and its stages. Each may
     * be replaced once.
     */
    public Builder like(Recipe other) {
      Problem.given(other, "Recipe.Builder.like", "other");
      prompt = other.prompt;
      mapping = other.mapping;
      input = other.describesInput ? other.input : null;
      plainInput = other.plainInput.equals(other.input) ? null : other.plainInput;
      filter = other.filter;
      augmentation = other.augmentation;
      batchSize = other.batchSize;
      seed = other.seed;
      onCollapse = other.onCollapse;
      return this;
    }

    /** Another name in reports; default: the method's and where a prompt was mounted on it. */
    public Builder name(String newName) {
      Problem.given(newName, "Recipe.Builder.name", "name");
      once("name", newName);
      name = newName;
      return this;
    }

    /**
     * The visual prompt. Methods that have one of their own, such as VPNs, learn it where they say;
     * on others it is mounted everywhere ({@link Mount#everywhere()}); {@link #mount} says
     * otherwise.
     */
    public Builder prompt(PromptFactory factory) {
      Problem.given(factory, "Recipe.Builder.prompt", "factory");
      once("prompt", factory.describe());
      prompt = factory;
      return this;
    }

    /** Where the prompt is, whatever the method says; default see {@link #prompt}. */
    public Builder mount(Mount newMount) {
      Problem.given(newMount, "Recipe.Builder.mount", "mount");
      once("mount", newMount);
      mount = newMount;
      return this;
    }

    /** The label mapping; default identity. */
    public Builder mapping(LabelMapping newMapping) {
      Problem.given(newMapping, "Recipe.Builder.mapping", "mapping");
      once("mapping", newMapping.describe());
      mapping = newMapping;
      return this;
    }

    /** Canvas, image size and normalisation; default ImageNet's. */
    public Builder input(ImageInput newInput) {
      Problem.given(newInput, "Recipe.Builder.input", "input");
      once("input", newInput);
      input = newInput;
      return this;
    }

    /**
     * How images without prompt are placed on the same canvas, for example larger than those that
     * leave room for a prompt; default as those with prompt.
     */
    public Builder plainInput(ImageInput newInput) {
      Problem.given(newInput, "Recipe.Builder.plainInput", "input");
      once("plainInput", newInput);
      plainInput = newInput;
      return this;
    }

    /**
     * Lets the network as it is before pruning teach the last stage that trains weights; default:
     * the labels alone.
     */
    public Builder distil(Distillation newDistillation) {
      Problem.given(newDistillation, "Recipe.Builder.distil", "distillation");
      once("distil", newDistillation);
      distillation = newDistillation;
      return this;
    }

    /**
     * Ends the last stage that trains weights early, with its best epoch, once so many epochs in a
     * row were no better on the validation images; default: full length. See {@link
     * Stage.Builder#patience}.
     */
    public Builder patience(int epochs) {
      once("patience", epochs);
      patience = epochs;
      return this;
    }

    /**
     * Keeps the running statistics of batch norm as the network has them, in all stages; default:
     * they move. For few steps or images unlike those of the network, whose statistics would end
     * between the two. See {@link Stage.Builder#freezeStatistics}.
     */
    public Builder freezeStatistics() {
      once("freezeStatistics", "frozen");
      freezeStatistics = true;
      return this;
    }

    /** Which parameters are prunable; default: convolution and linear weights. */
    public Builder prunable(ParameterFilter newFilter) {
      Problem.given(newFilter, "Recipe.Builder.prunable", "filter");
      once("prunable", newFilter);
      filter = newFilter;
      return this;
    }

    /** Augmentation of training images; default none. */
    public Builder augmentation(Augmentation newAugmentation) {
      Problem.given(newAugmentation, "Recipe.Builder.augmentation", "augmentation");
      once("augmentation", newAugmentation.describe());
      augmentation = newAugmentation;
      return this;
    }

    /** Images per gradient step, at least 1; default 256. */
    public Builder batchSize(int images) {
      once("batchSize", images);
      if (images < 1) {
        throw Problem.argument(
            "batch without images", "Recipe.batchSize", "at least 1", images, "use 32 or more");
      }
      batchSize = images;
      return this;
    }

    /** The seed; default 7. */
    public Builder seed(long newSeed) {
      once("seed", newSeed);
      seed = newSeed;
      return this;
    }

    /** Other stages in place of the method's. */
    public Builder stages(List<Stage> newStages) {
      Problem.givenEach(newStages, "Recipe.Builder.stages", "stages");
      once("stages", newStages.stream().map(Stage::name).toList());
      stages = List.copyOf(newStages);
      return this;
    }

    /** No prompt: the same stages and passes on the same images without it. */
    public Builder withoutPrompt() {
      once("prompt", "none");
      stages = Mount.in().onto(stages);
      prompt = null;
      return this;
    }

    /**
     * What happens when a mask leaves no way through the network; default {@link Collapse#WARN}.
     */
    public Builder onCollapse(Collapse newPolicy) {
      Problem.given(newPolicy, "Recipe.Builder.onCollapse", "policy");
      once("onCollapse", newPolicy);
      onCollapse = newPolicy;
      return this;
    }

    /**
     * Other lengths for the stages, one each.
     *
     * @throws IllegalArgumentException if there are not as many lengths as stages
     */
    public Builder lengths(Length... lengths) {
      Problem.givenEach(lengths, "Recipe.Builder.lengths", "lengths");
      once("lengths", List.of(lengths));
      if (lengths.length != stages.size()) {
        throw Problem.argument(
            "wrong number of stage lengths",
            "Recipe " + name,
            stages.size() + " for stages " + stages.stream().map(Stage::name).toList(),
            lengths.length,
            "give each stage its length");
      }
      List<Stage> sized = new ArrayList<>();
      for (int i = 0; i < lengths.length; i++) {
        sized.add(stages.get(i).toBuilder().length(lengths[i]).build());
      }
      stages = sized;
      return this;
    }

    /** Other lengths for the stages, in epochs. */
    public Builder epochs(int... epochs) {
      Problem.given(epochs, "Recipe.Builder.epochs", "epochs");
      return lengths(Arrays.stream(epochs).mapToObj(Length::epochs).toArray(Length[]::new));
    }

    /** Other lengths for the stages, in iterations. */
    public Builder iterations(long... iterations) {
      Problem.given(iterations, "Recipe.Builder.iterations", "iterations");
      return lengths(Arrays.stream(iterations).mapToObj(Length::iterations).toArray(Length[]::new));
    }

    private void once(String option, Object now) {
      Object before = given.putIfAbsent(option, now);
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
     * @throws IllegalStateException if there is no stage, sparsity is 1, prompt and passes
     *     contradict each other, or a given mask is of another sparsity
     * @throws IllegalArgumentException if the method has no place for the prompt where it is
     *     mounted, or images without prompt have another canvas
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
      RecipeChecks checks = new RecipeChecks("Recipe " + name);
      ImageInput with = orElse(input, ImageInput.imageNet());
      checks.requireSameCanvas(with, orElse(plainInput, with));
      boolean own = Stages.of(stages).showPrompt();
      Mount where = mount == null && prompt != null && !own ? Mount.everywhere() : mount;
      List<Stage> mounted = where == null ? stages : where.onto(stages);
      checks.requirePromptIfShown(mounted, prompt);
      checks.requireGivenMasks(Stages.of(mounted), sparsity);
      String called = where == null || given.containsKey("name") ? name : name + where.suffix(own);
      List<Stage> taught = distillation == null ? mounted : checks.taught(mounted, distillation);
      List<Stage> patient = patience == null ? taught : checks.patient(taught, patience);
      return new Recipe(this, called, freezeStatistics ? frozen(patient) : patient);
    }

    private static List<Stage> frozen(List<Stage> stages) {
      return stages.stream().map(stage -> stage.toBuilder().freezeStatistics().build()).toList();
    }
  }
}
