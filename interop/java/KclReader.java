import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import software.amazon.kinesis.retrieval.AggregatorUtil;
import software.amazon.kinesis.retrieval.KinesisClientRecord;

/**
 * Reads Kinesis records with the class that the Kinesis Client Library itself uses, with the hash key range of the shard that
 * each came from. README.md has the form of the lines.
 */
public final class KclReader {
    public static void main(String[] args) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        AggregatorUtil kcl = new AggregatorUtil();
        String line;
        for (int number = 0; (line = in.readLine()) != null; number++) {
            String[] field = line.split("\t", -1);
            KinesisClientRecord record = KinesisClientRecord.builder()
                    .sequenceNumber(field[2])
                    .partitionKey(new String(Base64.getDecoder().decode(field[3]), StandardCharsets.UTF_8))
                    .data(ByteBuffer.wrap(Base64.getDecoder().decode(field[4])))
                    .build();
            for (KinesisClientRecord user : kcl.deaggregate(List.of(record), new BigInteger(field[0]), new BigInteger(field[1]))) {
                out.println(String.join("\t",
                        Integer.toString(number),
                        Long.toString(user.subSequenceNumber()),
                        user.aggregated() ? "1" : "0",
                        base64(user.partitionKey().getBytes(StandardCharsets.UTF_8)),
                        user.explicitHashKey() == null ? "" : user.explicitHashKey(),
                        base64(bytes(user.data()))));
            }
        }
        out.flush();
    }

    private static byte[] bytes(ByteBuffer data) {
        byte[] copy = new byte[data.remaining()];
        data.duplicate().get(copy);
        return copy;
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
