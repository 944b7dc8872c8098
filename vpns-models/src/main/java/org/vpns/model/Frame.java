package org.vpns.model;

import ai.djl.ndarray.types.Shape;
import org.vpns.Problem;

/** What every plan has: a name, the size of its input and the number of its logits. */
record Frame(String name, int channels, int height, int width, int classes) {
  Frame {
    positive(name, "channels", channels);
    positive(name, "height", height);
    positive(name, "width", width);
    positive(name, "classes", classes);
  }

  /** The usual one: 3 x 224 x 224 to 1000 classes. */
  static Frame imageNet(String name) {
    return new Frame(name, 3, 224, 224, 1000);
  }

  Frame withClasses(int number) {
    return new Frame(name, channels, height, width, number);
  }

  Frame withInput(int newChannels, int newHeight, int newWidth) {
    return new Frame(name, newChannels, newHeight, newWidth, classes);
  }

  Shape inputShape() {
    return new Shape(1, channels, height, width);
  }

  /** This frame, unless its images would be pooled away. */
  Frame atLeast(int side) {
    if (height < side || width < side) {
      throw Problem.argument(
          "input too small",
          name,
          "images of at least " + side + " x " + side,
          height + " x " + width,
          "enlarge the images, or take a network that pools less");
    }
    return this;
  }

  static int positive(String network, String what, int value) {
    if (value < 1) {
      throw Problem.argument(what + " out of range", network, "at least 1", value, "pass a count");
    }
    return value;
  }

  @Override
  public String toString() {
    String unit = classes == 1 ? " class" : " classes";
    return name + ", " + channels + " x " + height + " x " + width + " to " + classes + unit;
  }
}
