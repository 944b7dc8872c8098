package org.vpns.examples;

import org.vpns.ImageInput;
import org.vpns.LabelMapping;
import org.vpns.optim.LearningRate;
import org.vpns.study.StudyTask;

/** A network and images, and how these come to it. */
public interface ImageTask extends StudyTask {
  /** How images are placed and normalised. */
  ImageInput input();

  /** From the network's classes to those of the images. */
  LabelMapping mapping();

  /** Images per gradient step. */
  int batchSize();

  /** At which its weights are trained. */
  LearningRate weightRate();
}
