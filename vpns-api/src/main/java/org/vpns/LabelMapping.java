package org.vpns;

import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/** A way of choosing a {@link LabelAssignment}: which source logit stands for which class. */
public interface LabelMapping {
  /** The state of the network in which a data-driven mapping looks at it. */
  enum Moment {
    /** The dense, pretrained network. */
    DENSE,
    /** The network under the mask with which the first stage starts. */
    STARTING_MASK
  }

  /** What a mapping may look at. */
  interface Context {
    /** Number of source logits S. */
    int sources();

    /** Number of target classes T. */
    int targets();

    /**
     * counts[s][t] = number of training images of class t whose largest logit is s (ties: lowest
     * index); evaluation mode, images without augmentation. Costs one pass over the data.
     */
    long[][] counts();

    /** The run's stream for this mapping. */
    RandomGenerator random();

    /** A context of given numbers. */
    static Context of(int sources, int targets, Supplier<long[][]> counts, RandomGenerator random) {
      Problem.given(counts, "LabelMapping.Context.of", "counts");
      Problem.given(random, "LabelMapping.Context.of", "random");
      return new Context() {
        @Override
        public int sources() {
          return sources;
        }

        @Override
        public int targets() {
          return targets;
        }

        @Override
        public long[][] counts() {
          return counts.get();
        }

        @Override
        public RandomGenerator random() {
          return random;
        }
      };
    }
  }

  /**
   * Chooses the assignment.
   *
   * @throws IllegalArgumentException if the network has too few outputs
   */
  LabelAssignment assign(Context context);

  /** Number of epochs between two assignments; 0 = once, before the first stage. */
  default int refreshEpochs() {
    return 0;
  }

  /** When the first assignment is made. */
  default Moment moment() {
    return Moment.STARTING_MASK;
  }

  /** Name and options, such as {@code frequency}. */
  String describe();

  /**
   * An assignment that was made before, such as that of a loaded result; network and images must
   * have as many outputs and classes.
   */
  static LabelMapping given(LabelAssignment assignment) {
    Problem.given(assignment, "LabelMapping.given", "assignment");
    return new LabelMapping() {
      @Override
      public LabelAssignment assign(Context context) {
        Problem.given(context, "LabelMapping.assign", "context");
        if (context.sources() != assignment.sources()
            || context.targets() != assignment.targets()) {
          throw Problem.argument(
              "label mapping of another network or other classes",
              "LabelMapping.given",
              context.sources() + " outputs and " + context.targets() + " classes",
              assignment.sources() + " and " + assignment.targets(),
              "give the mapping that was made for them");
        }
        return assignment;
      }

      @Override
      public String describe() {
        return "given, " + assignment;
      }

      @Override
      public String toString() {
        return describe();
      }
    };
  }

  /** Target t gets source t; the network needs at least as many outputs as there are classes. */
  static LabelMapping identity() {
    return new LabelMapping() {
      @Override
      public LabelAssignment assign(Context context) {
        Problem.given(context, "LabelMapping.assign", "context");
        if (context.targets() > context.sources()) {
          throw Problem.argument(
              "too few outputs for the label mapping",
              "identity",
              "at least " + context.targets() + ", one for each class",
              context.sources() + " outputs",
              "use a network with more outputs");
        }
        int[][] assigned = new int[context.targets()][1];
        for (int t = 0; t < assigned.length; t++) {
          assigned[t][0] = t;
        }
        return LabelAssignment.of(context.sources(), assigned);
      }

      @Override
      public String describe() {
        return "identity";
      }

      @Override
      public String toString() {
        return describe();
      }
    };
  }
}
