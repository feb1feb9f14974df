import { CloseButton, TextInput, type TextInputProps } from '@mantine/core';
import { Search } from 'lucide-react';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useLocale } from '@/locale/locale';

interface Props extends Omit<TextInputProps, 'value' | 'defaultValue' | 'onChange'> {
  /** What is searched for, as the address of the page says. */
  value: string;
  onChange: (text: string) => void;
  /** What stands at the end while nothing is typed. */
  hint?: ReactNode;
  /** What emptying it is called, unless it is "Clear". */
  clear?: string;
}

const pause = 220;

/** What a list is searched by, told a moment after the last key, without the space around it. What one is typing stays as it is. */
export function SearchInput({ value, onChange, hint, clear, ...props }: Props) {
  const { t } = useLocale();
  const [typed, setTyped] = useState(value);
  const told = useRef(value);
  const tell = useRef(onChange);
  const timer = useRef(0);
  useEffect(() => {
    tell.current = onChange;
  });
  useEffect(() => {
    // A change from elsewhere (the back button, a way back to all) replaces what is typed.
    if (value !== told.current) setTyped(value);
    told.current = value;
  }, [value]);
  useEffect(() => () => clearTimeout(timer.current), []);
  const type = (text: string, delay: number) => {
    setTyped(text);
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => {
      told.current = text.trim();
      tell.current(text.trim());
    }, delay);
  };
  return (
    <TextInput
      type="search"
      maxLength={100}
      leftSection={<Search size={15} aria-hidden />}
      rightSection={typed ? <CloseButton size="sm" aria-label={clear ?? t('action.clear')} onClick={() => type('', 0)} /> : hint}
      value={typed}
      onChange={(event) => type(event.currentTarget.value, pause)}
      onKeyDown={(event) => {
        if (event.key === 'Enter') type(typed, 0);
        if (event.key === 'Escape') {
          event.preventDefault(); // the browser would empty the box
          event.currentTarget.blur();
        }
      }}
      spellCheck={false}
      autoComplete="off"
      {...props}
    />
  );
}
