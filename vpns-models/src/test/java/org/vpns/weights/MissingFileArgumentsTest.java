package org.vpns.weights;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.vpns.testing.MissingArguments;
import org.vpns.torch.TorchFile;

class MissingFileArgumentsTest {
  @TestFactory
  Stream<DynamicTest> everyMember_anArgumentIsNull_namesIt() {
    return MissingArguments.of(WeightFile.class, TorchFile.class, TorchFile.Reader.class);
  }
}
