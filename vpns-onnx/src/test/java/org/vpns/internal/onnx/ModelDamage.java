package org.vpns.internal.onnx;

import ai.onnx.proto.OnnxMl.ModelProto;
import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor.JavaType;
import com.google.protobuf.Message;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.random.RandomGenerator;

/** Random damage to models: of bytes, as disks do it, and of fields, as attackers do. */
final class ModelDamage {
  private static final long[] LONGS = {
    0,
    -1,
    1,
    2,
    3,
    7,
    255,
    1 << 16,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    1L << 40,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };
  private static final float[] FLOATS = {
    0, -1, 0.5f, 1e30f, -1e-30f, Float.NaN, Float.POSITIVE_INFINITY
  };

  private ModelDamage() {}

  /** A field of a message, or one element of a repeated one. */
  private record Site(Message.Builder message, FieldDescriptor field, int index) {
    /** Whether it holds numbers that operators work with, where damage goes unseen for longer. */
    boolean isValue() {
      String type = message.getDescriptorForType().getName();
      boolean number =
          field.getJavaType() != JavaType.STRING && field.getJavaType() != JavaType.MESSAGE;
      return number
          && (type.equals("TensorProto") || type.equals("AttributeProto"))
          && !field.getName().contains("type");
    }
  }

  /** Flipped bits, extreme bytes, a stretch copied, cut out or cut off. */
  static byte[] ofBytes(byte[] original, RandomGenerator random) {
    byte[] file = original.clone();
    switch (random.nextInt(5)) {
      case 0 -> file[random.nextInt(file.length)] ^= (byte) (1 << random.nextInt(8));
      case 1 -> {
        int at = random.nextInt(file.length);
        byte value = new byte[] {0, -1, 127, -128}[random.nextInt(4)];
        Arrays.fill(file, at, Math.min(file.length, at + random.nextInt(1, 9)), value);
      }
      case 2 -> file = Arrays.copyOf(file, random.nextInt(file.length));
      case 3 -> {
        int length = random.nextInt(1, Math.min(64, file.length));
        int from = random.nextInt(file.length - length);
        int to = random.nextInt(file.length - length);
        System.arraycopy(original, from, file, to, length);
      }
      default -> {
        int length = random.nextInt(1, Math.min(64, file.length));
        int from = random.nextInt(file.length - length);
        file = Arrays.copyOf(original, original.length - length);
        System.arraycopy(original, from + length, file, from, file.length - from);
      }
    }
    return file;
  }

  /** One to three fields changed, elements removed or doubled; still a well-formed message. */
  static byte[] ofFields(byte[] original, RandomGenerator random) {
    ModelProto.Builder model;
    try {
      model = ModelProto.newBuilder().mergeFrom(original);
    } catch (com.google.protobuf.InvalidProtocolBufferException e) {
      throw new IllegalArgumentException(e);
    }
    for (int i = random.nextInt(1, 4); i > 0; i--) {
      List<Site> sites = new ArrayList<>();
      collect(model, sites);
      List<Site> values = sites.stream().filter(Site::isValue).toList();
      List<Site> chosen = values.isEmpty() || random.nextInt(3) == 0 ? sites : values;
      if (!chosen.isEmpty()) {
        damage(chosen.get(random.nextInt(chosen.size())), sites, random);
      }
    }
    return model.build().toByteArray();
  }

  private static void collect(Message.Builder message, List<Site> sites) {
    for (FieldDescriptor field : List.copyOf(message.getAllFields().keySet())) {
      int count = field.isRepeated() ? message.getRepeatedFieldCount(field) : 1;
      for (int i = 0; i < count; i++) {
        sites.add(new Site(message, field, field.isRepeated() ? i : -1));
        if (field.getJavaType() == JavaType.MESSAGE) {
          collect(
              field.isRepeated()
                  ? message.getRepeatedFieldBuilder(field, i)
                  : message.getFieldBuilder(field),
              sites);
        }
      }
    }
  }

  private static void damage(Site site, List<Site> all, RandomGenerator random) {
    Message.Builder message = site.message();
    FieldDescriptor field = site.field();
    int kind = random.nextInt(4);
    if (kind == 0) {
      message.clearField(field);
    } else if (kind == 1 && field.isRepeated()) {
      Object copied = message.getRepeatedField(field, site.index());
      message.addRepeatedField(field, copied instanceof Message m ? m : copied);
    } else {
      Object value = value(site, all, random);
      if (value != null && field.isRepeated()) {
        message.setRepeatedField(field, site.index(), value);
      } else if (value != null) {
        message.setField(field, value);
      }
    }
  }

  private static Object value(Site site, List<Site> all, RandomGenerator random) {
    FieldDescriptor field = site.field();
    return switch (field.getJavaType()) {
      case INT -> (int) LONGS[random.nextInt(LONGS.length)];
      case LONG -> LONGS[random.nextInt(LONGS.length)];
      case FLOAT -> FLOATS[random.nextInt(FLOATS.length)];
      case DOUBLE -> (double) FLOATS[random.nextInt(FLOATS.length)];
      case BOOLEAN -> random.nextBoolean();
      case ENUM ->
          field
              .getEnumType()
              .getValues()
              .get(random.nextInt(field.getEnumType().getValues().size()));
      case STRING -> otherText(all, random);
      case BYTE_STRING -> ByteString.copyFrom(new byte[random.nextInt(40)]);
      case MESSAGE -> null;
    };
  }

  /** A text from elsewhere in the model, so that names go astray rather than vanish. */
  private static String otherText(List<Site> all, RandomGenerator random) {
    List<Site> texts =
        all.stream().filter(s -> s.field().getJavaType() == JavaType.STRING).toList();
    Site from = texts.get(random.nextInt(texts.size()));
    Object text =
        from.index() < 0
            ? from.message().getField(from.field())
            : from.index() < from.message().getRepeatedFieldCount(from.field())
                ? from.message().getRepeatedField(from.field(), from.index())
                : "";
    return random.nextInt(5) == 0 ? "" : (String) text;
  }
}
