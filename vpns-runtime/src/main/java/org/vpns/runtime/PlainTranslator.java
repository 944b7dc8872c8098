package org.vpns.runtime;

import ai.djl.modality.Classifications;
import ai.djl.modality.cv.Image;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.translate.Batchifier;
import ai.djl.translate.Translator;
import ai.djl.translate.TranslatorContext;
import com.google.common.collect.ImmutableList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.vpns.ImageInput;
import org.vpns.LabelAssignment;
import org.vpns.internal.image.ImagePlanes;
import org.vpns.internal.image.PlainPlacement;
import org.vpns.internal.predict.Softmax;
import org.vpns.predict.PromptTranslator;

/**
 * What {@link PromptTranslator} does, computed in Java: of the predictor's engine no more is asked
 * than to hold numbers.
 */
final class PlainTranslator implements Translator<Image, Classifications> {
  private final ImageInput input;
  private final PlainPlacement placement;
  private final LabelAssignment mapping;
  private final ImmutableList<String> classes;

  /**
   * A translator.
   *
   * @param picture what a prompt adds, or null
   */
  PlainTranslator(
      ImageInput input, float @Nullable [] picture, LabelAssignment mapping, List<String> classes) {
    this.input = input;
    this.placement = PlainPlacement.of(input, picture);
    this.mapping = mapping;
    this.classes = ImmutableList.copyOf(classes);
  }

  /** No engine is there to stack images; a predictor runs them one by one. */
  @Override
  public @Nullable Batchifier getBatchifier() {
    return null;
  }

  @Override
  public NDList processInput(TranslatorContext context, Image image) {
    NDManager manager = context.getNDManager();
    float[] planes = ImagePlanes.of(image, manager, input.channels());
    float[] placed = placement.apply(planes, image.getHeight(), image.getWidth());
    Shape shape = new Shape(1, input.channels(), input.height(), input.width());
    return new NDList(manager.create(placed, shape));
  }

  @Override
  public Classifications processOutput(TranslatorContext context, NDList outputs) {
    return PromptTranslator.ranked(
        classes, Softmax.of(mapping.apply(outputs.get(0).toFloatArray())));
  }
}
