package org.vpns.report;

import com.google.common.collect.ImmutableMap;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.vpns.Problem;

/**
 * The learned prompt as a picture.
 *
 * @param kind such as {@code pad}
 * @param options the prompt's options
 * @param channels channels
 * @param height canvas height in pixels
 * @param width canvas width in pixels
 * @param activePixels active pixels of one channel
 * @param parameters learned values, all channels
 * @param picture what is added to the canvas: channel, row, column
 */
public record PromptRecord(
    String kind,
    Map<String, String> options,
    int channels,
    int height,
    int width,
    int activePixels,
    long parameters,
    float[] picture) {
  /** Copies the map. */
  public PromptRecord {
    Problem.given(kind, "new PromptRecord", "kind");
    options = ImmutableMap.copyOf(Problem.givenEach(options, "new PromptRecord", "options"));
    Problem.given(picture, "new PromptRecord", "picture");
  }

  /** Kind, options, active pixels and parameters, as one line. */
  public String line() {
    return ReportText.prompt(this);
  }

  /** Equal in every component, the picture by its values. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof PromptRecord that
        && kind.equals(that.kind)
        && options.equals(that.options)
        && channels == that.channels
        && height == that.height
        && width == that.width
        && activePixels == that.activePixels
        && parameters == that.parameters
        && Arrays.equals(picture, that.picture);
  }

  @Override
  public int hashCode() {
    return Objects.hash(kind, options, channels, height, width, Arrays.hashCode(picture));
  }
}
