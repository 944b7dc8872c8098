package org.vpns.graph;

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
import ai.djl.basicmodelzoo.cv.classification.VGG;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.djl.nn.Activation;
import ai.djl.nn.Block;
import ai.djl.nn.SequentialBlock;
import ai.djl.nn.core.Linear;
import ai.djl.nn.norm.Dropout;
import ai.djl.nn.norm.LayerNorm;
import ai.djl.nn.recurrent.GRU;
import ai.djl.nn.recurrent.LSTM;
import ai.djl.nn.recurrent.RNN;
import ai.djl.nn.transformer.TransformerEncoderBlock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Blocks that other people wrote, without a thought of graphs. */
class ZooNetworksTest {
  private NDManager manager;

  @BeforeEach
  void open() {
    manager = NDManager.newBaseManager();
  }

  @AfterEach
  void close() {
    manager.close();
  }

  private void check(Block block, Shape image, int nodes, int parameters) {
    block.initialize(manager, DataType.FLOAT32, new Shape(1).addAll(image));
    GraphBlock graph = GraphComparison.assertEqual(block, manager, image);
    assertThat(graph.graph().nodes()).hasSize(nodes);
    assertThat(graph.graph().parameters()).hasSize(parameters);
  }

  private static Block resNet(int layers, Shape image) {
    return ResNetV1.builder().setImageShape(image).setNumLayers(layers).setOutSize(10).build();
  }

  @Test
  void mlp() {
    check(new Mlp(28, 10, new int[] {32, 16}), new Shape(28), 6, 6);
  }

  @Test
  void leNet() {
    check(LeNet.builder().build(), new Shape(1, 28, 28), 12, 9);
  }

  @Test
  void resNet18() {
    check(resNet(18, new Shape(3, 64, 64)), new Shape(3, 64, 64), 96, 163);
  }

  @Test
  void resNet34() {
    check(resNet(34, new Shape(3, 64, 64)), new Shape(3, 64, 64), 176, 299);
  }

  @Test
  void resNet50() {
    check(resNet(50, new Shape(3, 64, 64)), new Shape(3, 64, 64), 176, 299);
  }

  @Test
  void resNet20() {
    check(resNet(20, new Shape(1, 28, 28)), new Shape(1, 28, 28), 74, 108);
  }

  @Test
  void mobileNetV1() {
    check(MobileNetV1.builder().setOutSize(10).build(), new Shape(3, 64, 64), 83, 137);
  }

  @Test
  void mobileNetV2() {
    check(MobileNetV2.builder().setOutSize(10).build(), new Shape(3, 64, 64), 192, 267);
  }

  @Test
  void vgg11() {
    check(VGG.builder().build(), new Shape(1, 64, 64), 29, 22);
  }

  @Test
  void alexNet() {
    check(AlexNet.builder().build(), new Shape(1, 96, 96), 21, 16);
  }

  @Test
  void nin() {
    check(NiN.builder().build(), new Shape(1, 96, 96), 30, 24);
  }

  @Test
  void squeezeNet() {
    check(SqueezeNet.squeezenet(10), new Shape(3, 64, 64), 66, 52);
  }

  @Test
  void googLeNet() {
    check(GoogLeNet.builder().build(), new Shape(1, 64, 64), 138, 116);
  }

  @Test
  void layerNormGeluDropout() {
    Block block =
        new SequentialBlock()
            .add(Linear.builder().setUnits(16).build())
            .add(LayerNorm.builder().build())
            .add(Activation.geluBlock())
            .add(Dropout.builder().optRate(0.3f).build())
            .add(Linear.builder().setUnits(4).build());
    check(block, new Shape(8), 5, 6);
  }

  @Test
  void transformerEncoder() {
    check(new TransformerEncoderBlock(16, 4, 32, 0.1f, Activation::gelu), new Shape(6, 16), 27, 20);
  }

  @Test
  void lstm() {
    check(LSTM.builder().setStateSize(5).setNumLayers(2).build(), new Shape(6, 3), 3, 8);
  }

  @Test
  void gru() {
    check(GRU.builder().setStateSize(5).setNumLayers(1).build(), new Shape(6, 3), 2, 4);
  }

  @Test
  void rnn() {
    check(
        RNN.builder().setActivation(RNN.Activation.TANH).setStateSize(5).setNumLayers(1).build(),
        new Shape(6, 3),
        2,
        4);
  }
}
