package org.vpns;

/**
 * Which of the training images a scorer looks at: a number of training batches, or a number of
 * images of each class. Chosen and ordered by the run's seed, stream {@code scoring}, unless the
 * stored order is asked for; with the prompt, if the stage has one, unless the plain images are
 * asked for. Immutable.
 *
 * <p>Images of each class: the images are read in that order, and the first of each class taken
 * until every class has its number; classes with fewer give all of theirs, with a warning.
 */
public final class ScoringSet {
  private final int number;
  private final boolean perClass;
  private final boolean stored;
  private final boolean plain;
  private final boolean classHalves;

  private ScoringSet(
      int number, boolean perClass, boolean stored, boolean plain, boolean classHalves) {
    this.number = number;
    this.perClass = perClass;
    this.stored = stored;
    this.plain = plain;
    this.classHalves = classHalves;
  }

  /**
   * So many training batches, of the recipe's batch size.
   *
   * @param number at least 1; more than there are means all, with a warning
   * @throws IllegalArgumentException if it is below 1
   */
  public static ScoringSet batches(int number) {
    return new ScoringSet(atLeastOne(number, "ScoringSet.batches"), false, false, false, false);
  }

  /**
   * So many images of each class, in batches of the recipe's size; the last batch is smaller, or,
   * if it would be of one image, joined to the one before.
   *
   * @param images at least 1
   * @throws IllegalArgumentException if it is below 1
   */
  public static ScoringSet perClass(int images) {
    return new ScoringSet(atLeastOne(images, "ScoringSet.perClass"), true, false, false, false);
  }

  private static int atLeastOne(int number, String where) {
    if (number < 1) {
      throw Problem.argument(
          "nothing to score with", where, "at least 1", number, "take 1 batch or 10 per class");
    }
    return number;
  }

  /** The same, in the order in which the images are stored. */
  public ScoringSet inStoredOrder() {
    return new ScoringSet(number, perClass, true, plain, classHalves);
  }

  /** The same without the prompt, even if the stage has one. */
  public ScoringSet withoutPrompt() {
    return new ScoringSet(number, perClass, stored, true, classHalves);
  }

  /**
   * The same images of each class, sorted by class and cut into two batches, as the code published
   * with GraSP has them: each half holds half of the classes, and in training mode batch norm sees
   * them apart.
   *
   * @throws IllegalStateException if the set is not one of images of each class
   */
  public ScoringSet inClassHalves() {
    if (!perClass) {
      throw Problem.state(
          "halves of classes without classes",
          "ScoringSet.inClassHalves",
          "ScoringSet.perClass",
          this,
          "start with ScoringSet.perClass(10)");
    }
    return new ScoringSet(number, true, stored, plain, true);
  }

  /** Number of batches, or of images of each class. */
  public int number() {
    return number;
  }

  /** Whether {@link #number} counts images of each class. */
  public boolean isPerClass() {
    return perClass;
  }

  /** Whether images come in stored order. */
  public boolean isInStoredOrder() {
    return stored;
  }

  /** Whether a prompt is left out. */
  public boolean isWithoutPrompt() {
    return plain;
  }

  /** Whether images are sorted by class and cut into two batches. */
  public boolean isInClassHalves() {
    return classHalves;
  }

  /** Such as {@code 10 images per class, stored order}. */
  @Override
  public String toString() {
    String unit =
        perClass
            ? (number == 1 ? " image" : " images") + " per class"
            : number == 1 ? " batch" : " batches";
    return number
        + unit
        + (stored ? ", stored order" : "")
        + (plain ? ", without prompt" : "")
        + (classHalves ? ", in two halves of the classes" : "");
  }
}
