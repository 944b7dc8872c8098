package org.vpns.onnx;

import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.vpns.testing.MissingArguments;

class MissingOnnxArgumentsTest {
  @TestFactory
  Stream<DynamicTest> everyMember_anArgumentIsNull_namesIt() {
    return MissingArguments.of(Onnx.class, OnnxImport.class, OnnxExport.class);
  }
}
