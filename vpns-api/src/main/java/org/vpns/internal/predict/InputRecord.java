package org.vpns.internal.predict;

import org.vpns.ImageInput;

/** An {@link ImageInput} as plain values, for JSON. */
public record InputRecord(
    int channels,
    int height,
    int width,
    int imageHeight,
    int imageWidth,
    float[] mean,
    float[] std) {

  static InputRecord of(ImageInput input) {
    return new InputRecord(
        input.channels(),
        input.height(),
        input.width(),
        input.imageHeight(),
        input.imageWidth(),
        input.mean(),
        input.std());
  }

  ImageInput toInput() {
    return ImageInput.of(channels, height, width)
        .imageSize(imageHeight, imageWidth)
        .normalisation(mean, std);
  }
}
