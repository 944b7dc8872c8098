package org.vpns.structured;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.basicmodelzoo.basic.Mlp;
import ai.djl.basicmodelzoo.cv.classification.AlexNet;
import ai.djl.basicmodelzoo.cv.classification.GoogLeNet;
import ai.djl.basicmodelzoo.cv.classification.LeNet;
import ai.djl.basicmodelzoo.cv.classification.MobileNetV1;
import ai.djl.basicmodelzoo.cv.classification.MobileNetV2;
import ai.djl.basicmodelzoo.cv.classification.NiN;
import ai.djl.basicmodelzoo.cv.classification.ResNetV1;
import ai.djl.basicmodelzoo.cv.classification.SqueezeNet;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.transformer.TransformerEncoderBlock;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Channels out of blocks that other people wrote, without a thought of groups. */
class ZooGroupsTest {
  private static void check(Block block, Shape image, int compared) {
    try (NDManager manager = NDManager.newBaseManager()) {
      GroupsCheck check = GroupsCheck.of(Removal.network(block, image, manager), image, manager);
      assertThat(check.compared()).as(check + "\n" + check.groups()).isEqualTo(compared);
    }
  }

  private static Block resNet(int layers, Shape image) {
    return ResNetV1.builder().setImageShape(image).setNumLayers(layers).setOutSize(10).build();
  }

  @Test
  void mlp() {
    check(new Mlp(28, 10, new int[] {32, 16}), new Shape(28), 2);
  }

  @Test
  void leNet() {
    check(LeNet.builder().build(), new Shape(1, 28, 28), 4);
  }

  @Test
  void resNet20() {
    check(resNet(20, new Shape(1, 28, 28)), new Shape(1, 28, 28), 13);
  }

  /** What it makes of tokens is its result; what is inside of heads and of its layers can leave. */
  @Test
  void transformerEncoder() {
    check(new TransformerEncoderBlock(16, 4, 32, 0.1f, Activation::gelu), new Shape(6, 16), 3);
  }

  @Tag("slow")
  @Test
  void resNet50() {
    check(resNet(50, new Shape(3, 64, 64)), new Shape(3, 64, 64), 37);
  }

  @Tag("slow")
  @Test
  void mobileNetV1() {
    check(MobileNetV1.builder().setOutSize(10).build(), new Shape(3, 64, 64), 14);
  }

  /** The first and the last layer, 17 expansions, that of the first block too, and 7 streams. */
  @Tag("slow")
  @Test
  void mobileNetV2() {
    check(MobileNetV2.builder().setOutSize(10).build(), new Shape(3, 64, 64), 26);
  }

  @Tag("slow")
  @Test
  void alexNet() {
    check(AlexNet.builder().build(), new Shape(1, 96, 96), 7);
  }

  @Tag("slow")
  @Test
  void nin() {
    check(NiN.builder().build(), new Shape(1, 96, 96), 11);
  }

  @Tag("slow")
  @Test
  void squeezeNet() {
    check(SqueezeNet.squeezenet(10), new Shape(3, 64, 64), 25);
  }

  @Tag("slow")
  @Test
  void googLeNet() {
    check(GoogLeNet.builder().build(), new Shape(1, 64, 64), 57);
  }
}
