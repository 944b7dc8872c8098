package org.vpns.internal.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.vpns.Seeds;
import org.vpns.io.FormatException;
import org.vpns.testing.Mutations;
import us.hebi.matlab.mat.format.Mat5;
import us.hebi.matlab.mat.types.Array;
import us.hebi.matlab.mat.types.Cell;
import us.hebi.matlab.mat.types.MatFile;
import us.hebi.matlab.mat.types.Matrix;
import us.hebi.matlab.mat.types.Sinks;

class MatlabFileTest {
  @TempDir Path folder;

  private Path file(MatFile content) throws IOException {
    Path file = folder.resolve("x.mat");
    Files.deleteIfExists(file);
    try (var sink = Sinks.newStreamingFile(file.toFile())) {
      content.writeTo(sink);
    }
    return file;
  }

  private Path file(String name, Array array) throws IOException {
    return file(Mat5.newMatFile().addArray(name, array));
  }

  @Test
  void numbers_comeColumnByColumn_othersArePassedOver() throws IOException {
    Matrix matrix = Mat5.newMatrix(2, 2);
    matrix.setDouble(0, 1, 3);
    matrix.setDouble(1, 0, 8_189);
    Path file = file(Mat5.newMatFile().addArray("other", matrix).addArray("wanted", matrix));

    MatlabFile read = MatlabFile.read(file, "wanted");

    assertThat(read.numbers("wanted")).containsExactly(0, 8_189, 3, 0);
    assertThatThrownBy(() -> read.numbers("other"))
        .isInstanceOf(FormatException.class)
        .hasMessage(
            "MATLAB file is not what it should be: "
                + file
                + "; expected a variable other, found none; fetch it again, or save it with -v7 if"
                + " it was made anew.");
  }

  /**
   * A file by hand, byte by byte as the format's description has it: header, then a row of three
   * numbers of one byte each, kept as unsigned bytes.
   */
  @Test
  void fileOfBytes_isRead() throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(200).order(ByteOrder.LITTLE_ENDIAN);
    bytes.put("MATLAB 5.0 MAT-file".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    while (bytes.position() < 116) {
      bytes.put((byte) ' ');
    }
    bytes.putLong(0).putShort((short) 0x0100).putShort((short) 0x4d49);
    bytes.putInt(14).putInt(56); // miMATRIX
    bytes.putInt(6).putInt(8).putInt(9).putInt(0); // flags: mxUINT8_CLASS
    bytes.putInt(5).putInt(8).putInt(1).putInt(3); // dimensions
    bytes.putInt(1).putInt(6).put("labels".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
    bytes.putShort((short) 0);
    bytes
        .putShort((short) 2)
        .putShort((short) 3)
        .put(new byte[] {77, 1, (byte) 196, 0}); // small element
    Path file = folder.resolve("hand.mat");
    Files.write(file, java.util.Arrays.copyOf(bytes.array(), bytes.position()));

    assertThat(MatlabFile.read(file, "labels").numbers("labels")).containsExactly(77, 1, 196);
  }

  @Test
  void otherKinds_areRefusedByName() throws IOException {
    Cell cell = Mat5.newCell(1, 2);
    cell.set(0, Mat5.newString("text"));
    cell.set(1, Mat5.newScalar(1));
    MatlabFile cells = MatlabFile.read(file("x", cell), "x");
    assertThatThrownBy(() -> cells.texts("x"))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("expected a text for x, cell 1, found double");
    assertThatThrownBy(() -> cells.numbers("x"))
        .hasMessageContaining("expected numbers for x, found cell");
    assertThatThrownBy(() -> cells.texts("x", "fname"))
        .hasMessageContaining("expected an array of structs for x, found cell");
    MatlabFile fractions = MatlabFile.read(file("x", Mat5.newScalar(0.5)), "x");
    assertThatThrownBy(() -> fractions.numbers("x"))
        .hasMessageContaining("expected a whole number from 0 for x, element 0, found 0.5");
    Path struct = file("x", Mat5.newStruct(1, 1).set("name", Mat5.newScalar(1)));
    assertThatThrownBy(() -> MatlabFile.read(struct, "x").numbers("x", "class"))
        .hasMessageContaining("expected x with field class, found [name]");
  }

  @Test
  void noMatlabFile_isRefused() throws IOException {
    Path text = folder.resolve("text.mat");
    Files.writeString(text, "once upon a time");
    assertThatThrownBy(() -> MatlabFile.read(text, "x"))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining(text + "; expected a file of MATLAB, version 5 to 7");
    assertThatThrownBy(() -> MatlabFile.read(folder.resolve("none.mat"), "x"))
        .isInstanceOf(NoSuchFileException.class);
    Path large = folder.resolve("large.mat");
    Files.write(large, new byte[(1 << 24) + 1]);
    assertThatThrownBy(() -> MatlabFile.read(large, "x"))
        .hasMessageContaining("expected at most 16777216 bytes, found more");
  }

  /** Some hundred bytes that unpack to what no heap holds. */
  @Test
  void promises_areBoundedBeforeMemoryIsTaken() throws IOException {
    Path many = file("x", Mat5.newMatrix(20_000, 1_000));
    assertThat(Files.size(many)).isLessThan(1 << 20);
    assertThatThrownBy(() -> MatlabFile.read(many, "x"))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("more than 67108864 bytes");
    Array nested = Mat5.newScalar(1);
    for (int i = 0; i < 20; i++) {
      Cell around = Mat5.newCell(1, 1);
      around.set(0, nested);
      nested = around;
    }
    Path deep = file("x", nested);
    assertThatThrownBy(() -> MatlabFile.read(deep, "x"))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("deeper than 16");
    Path cells = file("x", Mat5.newCell(1, (1 << 20) + 1));
    assertThatThrownBy(() -> MatlabFile.read(cells, "x"))
        .isInstanceOf(FormatException.class)
        .hasMessageContaining("more than 1048576 cells and fields");
  }

  /** Damage anywhere, packed or not, ends in numbers and texts or in a refusal. */
  @Test
  void damagedFile_givesAResultOrARefusal() throws IOException {
    MatFile content = Mat5.newMatFile();
    Cell names = Mat5.newCell(1, 2);
    names.set(0, Mat5.newString("first")).set(1, Mat5.newString("second"));
    content.addArray("names", names).addArray("labels", Mat5.newMatrix(2, 3));
    content.addArray(
        "cars", Mat5.newStruct(1, 1).set("class", Mat5.newScalar(3)).set("fname", names.get(0)));
    Path file = file(content);
    byte[] packed = Files.readAllBytes(file);
    Files.delete(file);
    try (var sink = Sinks.newStreamingFile(file.toFile())) {
      Mat5.newWriter(sink).setDeflateLevel(0).writeMat(content);
    }
    byte[] plain = Files.readAllBytes(file);
    RandomGenerator random = new Seeds(7).stream("damage");
    int refusals = 0;
    for (int i = 0; i < 1_000; i++) {
      Files.write(file, Mutations.mutate(i % 2 == 0 ? packed : plain, random));
      try {
        MatlabFile read = MatlabFile.read(file, "names", "labels", "cars");
        read.texts("names");
        read.numbers("labels");
        read.texts("cars", "fname");
        read.numbers("cars", "class");
      } catch (FormatException e) {
        refusals++;
      }
    }
    assertThat(refusals).isBetween(300, 990);
  }
}
