import { TextInput, type TextInputProps } from '@mantine/core';
import { useLocale } from '@/locale/locale';

interface Props extends TextInputProps {
  /** Of a recovery code, which phones do not offer by themselves. */
  recovery?: boolean;
}

/** A code of the app, or a recovery code. It may be pasted with spaces in it. */
export function CodeInput({ recovery = false, ...rest }: Props) {
  const { t } = useLocale();
  return (
    <TextInput
      label={recovery ? t('signIn.recoveryCode') : t('signIn.code')}
      description={recovery ? t('signIn.recoveryCodeHelp') : t('signIn.codeHelp')}
      inputMode={recovery ? 'text' : 'numeric'}
      autoComplete={recovery ? 'off' : 'one-time-code'}
      autoCapitalize={recovery ? 'characters' : 'off'}
      autoCorrect="off"
      spellCheck={false}
      required
      withAsterisk={false}
      {...rest}
    />
  );
}
